/*
 * quoth help --completion bash: what the shell offers behind `quoth`, out of
 * the rows that help and the manual are made of. Values of options are left to
 * the shell, which offers files.
 */
#include "cmd/page.h"

static void
options_add(const struct option_row *row, struct buf *out)
{
	for (; row != NULL && row->name != NULL; row++) {
		(void)buf_addf(out, "%s ", row->name);
		if (row->letter != 0)
			(void)buf_addf(out, "-%c ", row->letter);
	}
	(void)buf_add_text(out, "--help");
}

void
page_completion(struct buf *out)
{
	(void)buf_add_text(out, "_quoth()\n{\n"
	    "\tlocal word=${COMP_WORDS[COMP_CWORD]} words=\n\n"
	    "\tcase $COMP_CWORD:${COMP_WORDS[1]} in\n"
	    "\t1:*) words='");
	for (size_t i = 0; command_rows[i] != NULL; i++)
		(void)buf_addf(out, "%s ", command_rows[i]->name);
	(void)buf_add_text(out, "help --help --version' ;;\n");
	for (size_t i = 0; command_rows[i] != NULL; i++) {
		(void)buf_addf(out, "\t*:%s) words='", command_rows[i]->name);
		options_add(command_rows[i]->options, out);
		(void)buf_add_text(out, "' ;;\n");
	}
	(void)buf_add_text(out, "\tesac\n"
	    "\t[[ $COMP_CWORD != 1 && $word != -* ]] ||\n"
	    "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- "
	    "\"$word\")\n}\n"
	    "complete -o bashdefault -o default -F _quoth quoth\n");
}
