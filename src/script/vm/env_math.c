/*
 * math.random of its own for each run (xoshiro256**, as Lua's): what a run
 * draws follows from its seed and not from what other runs draw meanwhile.
 */
#include "script/vm/env.h"

#include <lualib.h>

static uint64_t
rotated(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* splitmix64, so that near seeds are far apart. */
void
vm_seed(struct vm_slice *slice, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t x = seed += UINT64_C(0x9e3779b97f4a7c15);

		x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
		slice->random[i] = x ^ x >> 31;
	}
}

uint64_t
vm_random(struct vm_slice *slice)
{
	uint64_t *s = slice->random;
	uint64_t  result, t;

	if ((s[0] | s[1] | s[2] | s[3]) == 0)
		vm_seed(slice, 0);
	result = rotated(s[1] * 5, 7) * 9;
	t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotated(s[3], 45);
	return result;
}

static struct vm_slice *
slice_of(lua_State *L)
{
	struct vm *vm = vm_of(L);

	if (vm->slice == NULL)
		luaL_error(L, "no scenario runs");
	return vm->slice;
}

/* Evenly from 0 to `most`: by the smallest mask above it, again while the
 * draw is beyond. */
static uint64_t
project(struct vm_slice *slice, uint64_t most)
{
	uint64_t mask = most, draw;

	for (int by = 1; by < 64; by *= 2)
		mask |= mask >> by;
	do
		draw = vm_random(slice) & mask;
	while (draw > most);
	return draw;
}

static int
math_random(lua_State *L)
{
	struct vm_slice *slice = slice_of(L);
	lua_Integer      low = 1, high;

	switch (lua_gettop(L)) {
	case 0:
		lua_pushnumber(L, (lua_Number)(vm_random(slice) >> 11) *
		    0x1p-53);
		return 1;
	case 1:
		high = luaL_checkinteger(L, 1);
		if (high == 0) {
			lua_pushinteger(L, (lua_Integer)vm_random(slice));
			return 1;
		}
		break;
	case 2:
		low = luaL_checkinteger(L, 1);
		high = luaL_checkinteger(L, 2);
		break;
	default:
		return luaL_error(L, "wrong number of arguments");
	}
	luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
	lua_pushinteger(L, (lua_Integer)(project(slice, (uint64_t)high -
	    (uint64_t)low) + (uint64_t)low));
	return 1;
}

/* Without a number: as the run began when it was never seeded. */
static int
math_randomseed(lua_State *L)
{
	struct vm_slice *slice = slice_of(L);
	lua_Number       number = luaL_optnumber(L, 1, 0);
	uint64_t         seed = 0;

	if (lua_isinteger(L, 1))
		seed = (uint64_t)lua_tointeger(L, 1);
	else
		memcpy(&seed, &number, sizeof seed);
	vm_seed(slice, seed ^ rotated((uint64_t)luaL_optinteger(L, 2, 0), 32));
	return 0;
}

static const luaL_Reg functions[] = {
	{ "random", math_random },
	{ "randomseed", math_randomseed },
	{ NULL, NULL },
};

const struct library env_math = {
	.name = "math", .open = luaopen_math,
	.kept = (const char *const[]){ "abs", "acos", "asin", "atan", "ceil",
		"cos", "deg", "exp", "floor", "fmod", "huge", "log", "max",
		"maxinteger", "min", "mininteger", "modf", "pi", "rad", "sin",
		"sqrt", "tan", "tointeger", "type", "ult", NULL },
	.ours = functions,
};
