/*
 * What goes wrong inside [ ] and { }: brackets that are not closed, commas
 * that are missing, and text that holds brackets itself.
 */
#include "load/yaml_flow.h"

#include "load/yaml_hint_own.h"
#include "load/yaml_line.h"

/* `{user}` and `[A-F]` directly behind text: ${user}, {6,}, a character
 * class, an address literal. */
static bool
bracket_told(const struct yaml_trouble *trouble, struct diags *diags)
{
	char   octet = yaml_trouble_octet(trouble, trouble->at);
	char   before = trouble->at == 0 ? ' ' :
	    yaml_trouble_octet(trouble, trouble->at - 1);
	bool   in_list = yaml_trouble_octet(trouble, trouble->context_at) == '[';

	if ((octet != '{' && octet != '[') || before == ' ')
		return false;
	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "'%c' inside of a text without quotes, within "
	    "%s", octet, in_list ? "[ ]" : "{ }");
	diag_hint(diags, before == '$' ? "put the text in single quotes: "
	    "'${...}' is still replaced" : "put the text in single quotes");
	return true;
}

void
yaml_flow_separator(const struct yaml_trouble *trouble, struct diags *diags)
{
	struct yaml_line opened = yaml_line_at(trouble->file,
	    trouble->context_at);
	struct yaml_line line = yaml_line_at(trouble->file, trouble->at);
	char open = yaml_trouble_octet(trouble, trouble->context_at);
	char want = open == '{' ? '}' : ']';
	char octet = yaml_trouble_octet(trouble, trouble->at);

	if (bracket_told(trouble, diags))
		return;
	if (line.number != opened.number && line.indent - line.start <=
	    opened.indent - opened.start && octet != ']' && octet != '}') {
		diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
		    trouble->context_at, 1), "this '%c' is never closed",
		    open == '{' ? '{' : '[');
		diag_hint(diags, "end it with '%c'", want);
		return;
	}
	if (octet != ']' && octet != '}' && yaml_hint_behind(trouble, diags))
		return;
	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "',' or '%c' expected here", want);
	if (octet == ']' || octet == '}')
		diag_hint(diags, "what '%c' opened in line %u, '%c' closes",
		    open == '{' ? '{' : '[', opened.number, want);
	else
		diag_hint(diags, "items are separated by ', '; a text that "
		    "holds : , [ ] { or } goes in single quotes");
}

void
yaml_flow_content(const struct yaml_trouble *trouble, struct diags *diags)
{
	char octet = yaml_trouble_octet(trouble, trouble->at);

	if (octet != '\0' && strchr(",]}[{", octet) != NULL) {
		yaml_hint_start(trouble, diags);
		return;
	}
	diag_error(diags, DIAG_ID_syntax, yaml_trouble_loc(trouble,
	    trouble->at, 1), "a value is expected here");
	diag_hint(diags, "text that begins with a special character goes in "
	    "single quotes");
}
