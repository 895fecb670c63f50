/*
 * What a server under test can say (replies r01 to r41 of the corpus), and
 * what text_plain must make of the part behind the code.
 */
#ifndef QUOTH_TESTS_HOSTILE_H
#define QUOTH_TESTS_HOSTILE_H

#include "base/span.h"

struct hostile {
	const char *id;
	struct span reply;
	const char *plain;
};
#define H(id, reply, plain) { id, { reply, sizeof(reply) - 1 }, plain }

static const struct hostile hostile_rows[] = {
	H("r01", "220 \x1b]0;pwned\x07 ESMTP",
	    "220 \\x1b]0;pwned\\x07 ESMTP"),
	H("r02", "220 \x1b[2J\x1b[1;1Hok 1 - all passed",
	    "220 \\x1b[2J\\x1b[1;1Hok 1 - all passed"),
	H("r03", "220 \x1b]52;c;ZXZpbA==\x07",
	    "220 \\x1b]52;c;ZXZpbA==\\x07"),
	H("r04", "220 \x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
	    "220 \\x1b]8;;http://evil\\x1b\\link\\x1b]8;;\\x1b\\"),
	H("r05", "220 \xc2\x9b" "31m red", "220 \\u{9b}31m red"),
	H("r06", "220 \x9b" "31m red", "220 \\x9b31m red"),
	H("r07", "220 a\x08\x08\x08" "b", "220 a\\x08\\x08\\x08b"),
	H("r08", "220 visible\rhidden", "220 visible\\rhidden"),
	H("r09", "220 \x90$q\x1b\\", "220 \\x90$q\\x1b\\"),
	H("r10", "250 ::error file=a.c,line=1::injected",
	    "250 :\\x3aerror file=a.c,line=1:\\x3ainjected"),
	H("r11", "250   ::add-mask::o", "250   :\\x3aadd-mask:\\x3ao"),
	H("r12", "250 text ##[error]injected",
	    "250 text ##\\x5berror]injected"),
	H("r13", "250 ##vso[task.setvariable variable=PATH]x",
	    "250 ##vso\\x5btask.setvariable variable=PATH]x"),
	H("r14", "250 ##teamcity[testFinished name='x']",
	    "250 ##teamcity\\x5btestFinished name='x']"),
	H("r15", "250 section_start:0:x\r\x1b[0K",
	    "250 section_start:0:x\\r\\x1b[0K"),
	H("r16", "250 %0A::error::x", "250 %0A:\\x3aerror:\\x3ax"),
	H("r17", "250 # SKIP fine", "250 # SKIP fine"),
	H("r18", "250 # TODO later", "250 # TODO later"),
	H("r19", "250 \\# SKIP", "250 \\# SKIP"),
	H("r20", "250 Bail out!", "250 Bail out!"),
	H("r21", "250 1..0", "250 1..0"),
	H("r22", "250 </testcase></testsuite><testsuite>",
	    "250 </testcase></testsuite><testsuite>"),
	H("r23", "250 ]]></system-out>", "250 ]]></system-out>"),
	H("r24", "250 \x00\x01\x0b\x1f", "250 \\x00\\x01\\x0b\\x1f"),
	H("r25", "250 \xef\xbf\xbe\xef\xbf\xbf", "250 \\u{fffe}\\u{ffff}"),
	H("r26", "250 \xed\xa0\x80 \xc0\xaf \xff",
	    "250 \\xed\\xa0\\x80 \\xc0\\xaf \\xff"),
	H("r27", "250 &amp; &#10; &lt;b&gt;", "250 &amp; &#10; &lt;b&gt;"),
	H("r28", "250 <script>alert(1)</script>",
	    "250 <script>alert(1)</script>"),
	H("r29", "250 \" onmouseover=\"alert(1)",
	    "250 \" onmouseover=\"alert(1)"),
	H("r30", "250 javascript:alert(1)", "250 javascript:alert(1)"),
	H("r31", "250 </script><svg onload=alert(1)>",
	    "250 </script><svg onload=alert(1)>"),
	H("r32", "250 \xe2\x80\xa8\xe2\x80\xa9", "250 \\u{2028}\\u{2029}"),
	H("r33", "250 =HYPERLINK(\"http://evil\")",
	    "250 =HYPERLINK(\"http://evil\")"),
	H("r34", "250 +1+cmd|'/c calc'!A0", "250 +1+cmd|'/c calc'!A0"),
	H("r35", "250 \t=1+1", "250 \\t=1+1"),
	H("r36", "250 a,b\"c", "250 a,b\"c"),
	H("r37", "250 \xe2\x80\xae" "xcod", "250 \\u{202e}xcod"),
	H("r38", "250 $(touch x) `id` ; rm", "250 $(touch x) `id` ; rm"),
	H("r39", "250 %s%n%x", "250 %s%n%x"),
	H("r40", "250 AUTH PLAIN AHVzZXIAczNjcjN0",
	    "250 AUTH PLAIN AHVzZXIAczNjcjN0"),
	H("r41", "535 wrong password s3cr3t for user",
	    "535 wrong password s3cr3t for user"),
};
enum { HOSTILE_COUNT = sizeof hostile_rows / sizeof *hostile_rows };

#endif
