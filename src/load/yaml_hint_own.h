/* What the files of yaml_hint share: yaml_hint.c, yaml_flow.c, yaml_indent.c. */
#ifndef QUOTH_LOAD_YAML_HINT_OWN_H
#define QUOTH_LOAD_YAML_HINT_OWN_H

#include "load/yaml_hint.h"

/* The place of `len` characters at octet `at`. */
struct loc yaml_trouble_loc(const struct yaml_trouble *trouble, size_t at,
    size_t len);

/* The octet, or NUL behind the end. */
char yaml_trouble_octet(const struct yaml_trouble *trouble, size_t at);

/* Says so when text stands directly behind a closing quote or bracket. */
bool yaml_hint_behind(const struct yaml_trouble *trouble, struct diags *diags);

/* An indicator of YAML where text was meant. */
void yaml_hint_start(const struct yaml_trouble *trouble, struct diags *diags);

#endif
