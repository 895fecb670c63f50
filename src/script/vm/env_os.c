/*
 * os: the time and nothing else. Dates are in UTC (see env_date.c).
 */
#include "script/vm/env.h"

#include <time.h>

static int64_t
now(void)
{
	struct timespec at = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &at);
	return at.tv_sec;
}

static int
os_clock(lua_State *L)
{
	struct timespec at = { 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	lua_pushnumber(L, (lua_Number)at.tv_sec + (lua_Number)at.tv_nsec /
	    1e9);
	return 1;
}

static int
os_difftime(lua_State *L)
{
	lua_pushnumber(L, (lua_Number)luaL_checkinteger(L, 1) -
	    (lua_Number)luaL_checkinteger(L, 2));
	return 1;
}

/* A field of the table at 1; `otherwise` negative: it has to be there. */
static lua_Integer
field(lua_State *L, const char *name, int otherwise, lua_Integer most)
{
	int         is_number, type = lua_getfield(L, 1, name);
	lua_Integer value = lua_tointegerx(L, -1, &is_number);

	lua_pop(L, 1);
	if (type == LUA_TNIL && otherwise >= 0)
		return otherwise;
	if (type == LUA_TNIL)
		luaL_error(L, "field '%s' missing in date table", name);
	if (!is_number)
		luaL_error(L, "field '%s' is not an integer", name);
	if (value > most || value < -most)
		luaL_error(L, "field '%s' is out-of-bound", name);
	return value;
}

static void
fields_set(lua_State *L, const struct date *date)
{
	const struct { const char *name; lua_Integer value; } rows[] = {
		{ "year", date->year }, { "month", date->month },
		{ "day", date->day }, { "hour", date->hour },
		{ "min", date->min }, { "sec", date->sec },
		{ "wday", date->wday + 1 }, { "yday", date->yday + 1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		lua_pushinteger(L, rows[i].value);
		lua_setfield(L, -2, rows[i].name);
	}
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "isdst");
}

static int
os_time(lua_State *L)
{
	struct date date;
	int64_t     seconds;

	if (lua_isnoneornil(L, 1)) {
		lua_pushinteger(L, now());
		return 1;
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	date.year = field(L, "year", -1, 1000000000);
	date.month = (int)field(L, "month", -1, INT32_MAX);
	date.day = (int)field(L, "day", -1, INT32_MAX);
	date.hour = (int)field(L, "hour", 12, INT32_MAX);
	date.min = (int)field(L, "min", 0, INT32_MAX);
	date.sec = (int)field(L, "sec", 0, INT32_MAX);
	if (!date_seconds(&date, &seconds) || !date_of(seconds, &date))
		return luaL_error(L, "time result cannot be represented");
	lua_settop(L, 1);
	if (!vm_frozen(L, 1))
		fields_set(L, &date);
	lua_pushinteger(L, seconds);
	return 1;
}

static void
date_text(lua_State *L, const struct date *date, const char *format)
{
	luaL_Buffer out;

	luaL_buffinit(L, &out);
	for (; *format != '\0'; format++) {
		if (*format != '%') {
			luaL_addchar(&out, *format);
			continue;
		}
		format++;
		if ((*format == 'E' || *format == 'O') && format[1] != '\0')
			format++;
		if (*format == '\0' || !date_format(date, *format, &out))
			luaL_error(L, "invalid conversion specifier '%%%c'",
			    *format == '\0' ? '%' : *format);
	}
	luaL_pushresult(&out);
}

static int
os_date(lua_State *L)
{
	size_t      len;
	const char *format = luaL_optlstring(L, 1, "%c", &len);
	int64_t     seconds = lua_isnoneornil(L, 2) ? now() :
	    luaL_checkinteger(L, 2);
	struct date date;

	vm_spend(L, len * 4);
	if (!date_of(seconds, &date))
		return luaL_error(L, "date result cannot be represented");
	if (*format == '!')
		format++;
	if (strcmp(format, "*t") == 0) {
		lua_createtable(L, 0, 9);
		fields_set(L, &date);
	} else {
		date_text(L, &date, format);
	}
	return 1;
}

static const luaL_Reg functions[] = {
	{ "clock", os_clock },
	{ "date", os_date },
	{ "difftime", os_difftime },
	{ "time", os_time },
	{ NULL, NULL },
};

const struct library env_os = { .name = "os", .ours = functions };
