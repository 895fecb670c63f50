/*
 * The calendar of os.time and os.date, in UTC: the proleptic Gregorian one,
 * and strftime of the C locale. libc's would open files for the time zone,
 * which a worker must not; and a scenario should not follow the zone of the
 * machine that it runs on.
 */
#include "script/vm/env.h"

#include <stdio.h>

static const char *const days[] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday"
};
static const char *const months[] = {
	"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December"
};

/* Years beyond this have no 64-bit seconds worth the name. */
enum { YEAR_MOST = 1000000000 };

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of the first of that month; 0-based month. Years
 * begin in March here, so that the leap day is their last. */
static int64_t
days_before(int64_t year, int64_t month)
{
	int64_t shifted = month < 2 ? month + 10 : month - 2;
	int64_t y = month < 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400), of_era = y - era * 400;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    (153 * shifted + 2) / 5 - 719468;
}

bool
date_seconds(const struct date *date, int64_t *seconds)
{
	int64_t month = (int64_t)date->month - 1;
	int64_t year;

	if (date->year > YEAR_MOST || date->year < -YEAR_MOST)
		return false;
	year = date->year + floor_div(month, 12);
	month -= floor_div(month, 12) * 12;
	*seconds = (days_before(year, month) + date->day - 1) * 86400 +
	    (int64_t)date->hour * 3600 + (int64_t)date->min * 60 + date->sec;
	return true;
}

bool
date_of(int64_t seconds, struct date *date)
{
	int64_t day = floor_div(seconds, 86400), rest = seconds - day * 86400;
	int64_t year, month = 11;

	if (day / 365 > YEAR_MOST || day / 365 < -YEAR_MOST)
		return false;
	year = 1970 + floor_div(day * 400, 146097);
	while (days_before(year, 0) > day)
		year--;
	while (days_before(year + 1, 0) <= day)
		year++;
	while (days_before(year, month) > day)
		month--;
	*date = (struct date){ .year = year, .month = (int)month + 1,
		.day = (int)(day - days_before(year, month)) + 1,
		.hour = (int)(rest / 3600), .min = (int)(rest / 60 % 60),
		.sec = (int)(rest % 60),
		.wday = (int)((day + 4) - floor_div(day + 4, 7) * 7),
		.yday = (int)(day - days_before(year, 0)) };
	return true;
}

/* ISO 8601: week 1 is the one with the year's first Thursday. */
static int
iso_week(const struct date *date, int64_t *year)
{
	int     monday = (date->wday + 6) % 7;
	int64_t thursday = days_before(date->year, 0) + date->yday - monday +
	    3;

	*year = date->year;
	if (thursday < days_before(*year, 0))
		--*year;
	else if (thursday >= days_before(*year + 1, 0))
		++*year;
	return (int)((thursday - days_before(*year, 0)) / 7) + 1;
}

static void
add(luaL_Buffer *out, const char *format, int64_t number)
{
	char text[40];

	(void)snprintf(text, sizeof text, format, (long long)number);
	luaL_addstring(out, text);
}

static void
add_each(const struct date *date, const char *letters, luaL_Buffer *out)
{
	for (; *letters != '\0'; letters++)
		if (!date_format(date, *letters, out))
			luaL_addchar(out, *letters);
}

static bool
format_week(const struct date *date, char letter, luaL_Buffer *out)
{
	int64_t year;
	int     week = iso_week(date, &year);

	switch (letter) {
	case 'G': add(out, "%lld", year); return true;
	case 'g': add(out, "%02lld", year - floor_div(year, 100) * 100);
		return true;
	case 'U': add(out, "%02lld", (date->yday + 7 - date->wday) / 7);
		return true;
	case 'V': add(out, "%02lld", week); return true;
	case 'W': add(out, "%02lld",
		    (date->yday + 7 - (date->wday + 6) % 7) / 7);
		return true;
	case 'u': add(out, "%lld", (date->wday + 6) % 7 + 1); return true;
	case 'w': add(out, "%lld", date->wday); return true;
	default: return false;
	}
}

static bool
format_name(const struct date *date, char letter, luaL_Buffer *out)
{
	switch (letter) {
	case 'A': luaL_addstring(out, days[date->wday]); return true;
	case 'B': luaL_addstring(out, months[date->month - 1]); return true;
	case 'Z': luaL_addstring(out, "UTC"); return true;
	case '%': luaL_addchar(out, '%'); return true;
	case 'a': luaL_addlstring(out, days[date->wday], 3); return true;
	case 'b':
	case 'h': luaL_addlstring(out, months[date->month - 1], 3);
		return true;
	case 'n': luaL_addchar(out, '\n'); return true;
	case 'p': luaL_addstring(out, date->hour < 12 ? "AM" : "PM");
		return true;
	case 't': luaL_addchar(out, '\t'); return true;
	case 'z': luaL_addstring(out, "+0000"); return true;
	default: return false;
	}
}

static bool
format_number(const struct date *date, char letter, luaL_Buffer *out)
{
	int64_t century = floor_div(date->year, 100);

	switch (letter) {
	case 'C': add(out, "%02lld", century); return true;
	case 'H': add(out, "%02lld", date->hour); return true;
	case 'I': add(out, "%02lld", (date->hour + 11) % 12 + 1); return true;
	case 'M': add(out, "%02lld", date->min); return true;
	case 'S': add(out, "%02lld", date->sec); return true;
	case 'Y': add(out, "%lld", date->year); return true;
	case 'd': add(out, "%02lld", date->day); return true;
	case 'e': add(out, "%2lld", date->day); return true;
	case 'j': add(out, "%03lld", date->yday + 1); return true;
	case 'm': add(out, "%02lld", date->month); return true;
	case 'y': add(out, "%02lld", date->year - century * 100); return true;
	default: return false;
	}
}

bool
date_format(const struct date *date, char letter, luaL_Buffer *out)
{
	switch (letter) {
	case 'D':
	case 'x': add_each(date, "m/d/y", out); return true;
	case 'F': add_each(date, "Y-m-d", out); return true;
	case 'R': add_each(date, "H:M", out); return true;
	case 'T':
	case 'X': add_each(date, "H:M:S", out); return true;
	case 'c': add_each(date, "a b e H:M:S Y", out); return true;
	case 'r': add_each(date, "I:M:S p", out); return true;
	default:
		return format_number(date, letter, out) ||
		    format_name(date, letter, out) ||
		    format_week(date, letter, out);
	}
}
