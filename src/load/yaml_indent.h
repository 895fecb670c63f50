/* The part of yaml_hint that is about lines that stand too far left or right:
 * the commonest slip, and the one that YAML reports worst. */
#ifndef QUOTH_LOAD_YAML_INDENT_H
#define QUOTH_LOAD_YAML_INDENT_H

#include "load/yaml_hint.h"
#include "load/yaml_line.h"

/* A `key:` in `line` that continues the text of a line above. */
void yaml_indent_colon(const struct yaml_trouble *trouble,
    const struct yaml_line *line, struct diags *diags);

/* A line where no key and no item may stand. */
void yaml_indent_key(const struct yaml_trouble *trouble, struct diags *diags);

/* A dash where no list may begin. */
void yaml_indent_dash(const struct yaml_trouble *trouble, struct diags *diags);

#endif
