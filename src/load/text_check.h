/*
 * Where YAML takes text away from its author without a word. The fields that
 * hold free text (send, text, body...) call these for each scalar; they look
 * at the file around the node, and know no YAML library.
 */
#ifndef QUOTH_LOAD_TEXT_CHECK_H
#define QUOTH_LOAD_TEXT_CHECK_H

#include "model/diag.h"
#include "model/node.h"

enum text_use { TEXT_LINE, TEXT_BODY };

/* True when the scalar reads as it stands in the file. An error otherwise:
 * cut short by ` #` or a comma, blanks at the end that vanish, lines joined
 * (for TEXT_BODY also by `>`). Also for an absent value before a `#`. */
bool yaml_check_text(const struct node *scalar, enum text_use use,
    struct diags *diags);

/* For write and matchers: no backslash inside double quotes. */
bool yaml_check_backslash(const struct node *scalar, struct diags *diags);

/* Inside [ ]: no comma without a blank behind it, next to text without
 * quotes. */
bool yaml_check_commas(const struct node *list, struct diags *diags);

/* After "a scalar is expected here": when `[A-F]` or `{6,}` was meant as
 * text, the hint says to quote it. */
void yaml_hint_quote(const struct node *collection, struct diags *diags);

#endif
