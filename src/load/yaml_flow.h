/* The part of yaml_hint that is about [ ] and { }. */
#ifndef QUOTH_LOAD_YAML_FLOW_H
#define QUOTH_LOAD_YAML_FLOW_H

#include "load/yaml_hint.h"

/* A comma or a closing bracket is missing. */
void yaml_flow_separator(const struct yaml_trouble *trouble,
    struct diags *diags);

/* No value can begin here. */
void yaml_flow_content(const struct yaml_trouble *trouble,
    struct diags *diags);

#endif
