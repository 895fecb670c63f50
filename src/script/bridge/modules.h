/* The Lua modules that come with quoth: lua/quoth/NAME.lua, built into the
 * binary (meson writes the table). */
#ifndef QUOTH_SCRIPT_MODULES_H
#define QUOTH_SCRIPT_MODULES_H

#include "base/span.h"

struct lua_module {
	const char *name;               /* "quoth.smtp" */
	struct span text;
};
extern const struct lua_module lua_modules[];   /* ended by name NULL */

#endif
