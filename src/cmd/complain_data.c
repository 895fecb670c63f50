/*
 * Diagnostics for programs. One object each; the escape functions of
 * base/text.h make every string. Line 0 (the file as a whole) becomes line 1
 * where a format insists on one.
 */
#include "cmd/complain.h"

#include "base/text.h"

static void
member(struct buf *out, const char *name, const char *text)
{
	(void)buf_addf(out, "\"%s\":", name);
	text_json(span_of(text), JSON_SHOWN, out);
}

static const char *
severity_name(const struct diag *diag)
{
	return diag->severity == SEVERITY_ERROR ? "error" : "warning";
}

static const char *
file_name(const struct diag *diag)
{
	return diag->loc.file == NULL ? "" : diag->loc.file->name;
}

static uint32_t
at_least_1(uint32_t number)
{
	return number == 0 ? 1 : number;
}

static void
separate(const struct diags *diags, const struct diag *diag, struct buf *out)
{
	(void)buf_add_text(out, diag == diags->first ? "\n" : ",\n");
}

void
complain_json(const struct diags *diags, struct buf *out)
{
	(void)buf_addf(out, "{\"errors\":%u,\"warnings\":%u,\"diagnostics\":[",
	    diags->errors, diags->warnings);
	for (const struct diag *diag = diags->first; diag != NULL;
	    diag = diag->next) {
		separate(diags, diag, out);
		(void)buf_addf(out, "{\"severity\":\"%s\",\"id\":\"%s\",",
		    severity_name(diag), diag_rows[diag->id].word);
		member(out, "file", file_name(diag));
		(void)buf_addf(out, ",\"line\":%u,\"column\":%u,\"width\":%u,",
		    diag->loc.line, diag->loc.column,
		    diag->loc.column == 0 && diag->loc.line > 0 ? 0 :
		    at_least_1(diag->loc.width));
		member(out, "text", diag->text);
		if (diag->hint != NULL) {
			(void)buf_add_text(out, ",");
			member(out, "hint", diag->hint);
		}
		(void)buf_add_text(out, "}");
	}
	(void)buf_add_text(out, "\n]}\n");
}

/* A name as a URI reference (RFC 3986): what is not unreserved or a slash is
 * percent-encoded. */
static void
uri(struct buf *out, const char *name)
{
	(void)buf_add_text(out, "\"");
	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (letter || (c >= '0' && c <= '9') || strchr("-._~/", c))
			(void)buf_add_octet(out, *name);
		else
			(void)buf_addf(out, "%%%02X", (unsigned)c);
	}
	(void)buf_add_text(out, "\"");
}

static void
sarif_rules(struct buf *out)
{
	for (int i = 0; i < DIAG_ID_COUNT; i++) {
		(void)buf_addf(out, "%s\n{\"id\":\"%s\","
		    "\"shortDescription\":{", i == 0 ? "" : ",",
		    diag_rows[i].word);
		member(out, "text", diag_rows[i].about);
		(void)buf_add_text(out, "}}");
	}
}

/* Of a whole line: without columns. */
static void
sarif_region(const struct loc *loc, struct buf *out)
{
	if (loc->line == 0)
		return;
	(void)buf_addf(out, ",\"region\":{\"startLine\":%u", loc->line);
	if (loc->column > 0)
		(void)buf_addf(out, ",\"startColumn\":%u,\"endColumn\":%u",
		    loc->column, loc->column + at_least_1(loc->width));
	(void)buf_add_text(out, "}");
}

static void
sarif_result(const struct diag *diag, struct buf *out)
{
	(void)buf_addf(out, "{\"ruleId\":\"%s\",\"ruleIndex\":%d,"
	    "\"level\":\"%s\",\"message\":{", diag_rows[diag->id].word,
	    (int)diag->id, severity_name(diag));
	(void)buf_add_text(out, "\"text\":");
	text_json(span_of(diag->text), JSON_SHOWN, out);
	(void)buf_add_text(out, "}");
	if (diag->hint != NULL) {
		(void)buf_add_text(out, ",\"properties\":{");
		member(out, "hint", diag->hint);
		(void)buf_add_text(out, "}");
	}
	if (diag->loc.file != NULL) {
		(void)buf_add_text(out, ",\"locations\":[{\"physicalLocation\""
		    ":{\"artifactLocation\":{\"uri\":");
		uri(out, diag->loc.file->name);
		(void)buf_add_text(out, "}");
		sarif_region(&diag->loc, out);
		(void)buf_add_text(out, "}}]");
	}
	(void)buf_add_text(out, "}");
}

void
complain_sarif(const struct diags *diags, struct buf *out)
{
	(void)buf_add_text(out, "{\"$schema\":\"https://json.schemastore.org/"
	    "sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"tool\":{"
	    "\"driver\":{\"name\":\"quoth\",\"version\":\"" QUOTH_VERSION
	    "\",\"rules\":[");
	sarif_rules(out);
	(void)buf_add_text(out, "\n]}},\"columnKind\":\"unicodeCodePoints\","
	    "\"results\":[");
	for (const struct diag *diag = diags->first; diag != NULL;
	    diag = diag->next) {
		separate(diags, diag, out);
		sarif_result(diag, out);
	}
	(void)buf_add_text(out, "\n]}]}\n");
}

void
complain_github(const struct diags *diags, struct buf *out)
{
	for (const struct diag *diag = diags->first; diag != NULL;
	    diag = diag->next) {
		(void)buf_addf(out, "::%s ", severity_name(diag));
		if (diag->loc.file != NULL) {
			(void)buf_add_text(out, "file=");
			text_github_property(span_of(file_name(diag)), out);
			(void)buf_addf(out, ",line=%u,",
			    at_least_1(diag->loc.line));
			if (diag->loc.column > 0)
				(void)buf_addf(out, "col=%u,endColumn=%u,",
				    diag->loc.column, diag->loc.column +
				    at_least_1(diag->loc.width));
		}
		(void)buf_addf(out, "title=%s::", diag_rows[diag->id].word);
		text_github(span_of(diag->text), out);
		if (diag->hint != NULL) {
			(void)buf_add_text(out, "%0Ahint: ");
			text_github(span_of(diag->hint), out);
		}
		(void)buf_add_text(out, "\n");
	}
}

/* Stays the same while the error stays in its line: GitLab compares runs. */
static uint64_t
fingerprint(const struct diag *diag)
{
	uint64_t hash = span_hash(span_of(file_name(diag)));

	hash = hash * 31 + span_hash(span_of(diag_rows[diag->id].word));
	hash = hash * 31 + span_hash(span_of(diag->text));
	return hash * 31 + diag->loc.line * UINT64_C(1000003) +
	    diag->loc.column;
}

void
complain_gitlab(const struct diags *diags, struct buf *out)
{
	(void)buf_add_text(out, "[");
	for (const struct diag *diag = diags->first; diag != NULL;
	    diag = diag->next) {
		separate(diags, diag, out);
		(void)buf_add_text(out, "{");
		member(out, "description", diag->text);
		(void)buf_addf(out, ",\"check_name\":\"%s\","
		    "\"fingerprint\":\"%016llx\",\"severity\":\"%s\","
		    "\"location\":{", diag_rows[diag->id].word,
		    (unsigned long long)fingerprint(diag),
		    diag->severity == SEVERITY_ERROR ? "critical" : "minor");
		member(out, "path", file_name(diag));
		(void)buf_addf(out, ",\"lines\":{\"begin\":%u}}}",
		    at_least_1(diag->loc.line));
	}
	(void)buf_add_text(out, "\n]\n");
}
