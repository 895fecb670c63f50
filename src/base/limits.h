/*
 * Every limit of the program with the reason for its number. An error that
 * comes of one names the limit, its value and, where there is one, the option
 * that changes it.
 */
#ifndef QUOTH_BASE_LIMITS_H
#define QUOTH_BASE_LIMITS_H

#define KIB 1024
#define MIB (1024 * KIB)

enum {
	/* Files and trees. Written by hand or by a generator: generous there,
	 * small enough that a hostile pack cannot spend our memory. */
	LIMIT_FILE              = 1 * MIB,
	LIMIT_YAML_DEPTH        = 64,           /* flow nesting is quadratic */
	LIMIT_YAML_NODES        = 100000,
	LIMIT_YAML_KEYS         = 1000,
	LIMIT_SCALAR            = 256 * KIB,
	LIMIT_DIAGS             = 100,          /* one screen of them is enough */

	/* Programs. */
	LIMIT_STEPS             = 10000,        /* written in one scenario */
	LIMIT_STEPS_UNROLLED    = 100000,
	LIMIT_SCENARIOS         = 10000,        /* --max-scenarios */
	LIMIT_ROWS              = 10000,
	LIMIT_USE_DEPTH         = 8,
	LIMIT_USE_FILES         = 100,
	LIMIT_CONNECTIONS       = 16,           /* names in one scenario */
	LIMIT_SLOTS             = 1000,         /* variables of one scenario */
	LIMIT_EXPANDED          = 64 * KIB,     /* one expanded variable */
	LIMIT_REGEX             = 4 * KIB,
	LIMIT_REGEX_STEPS       = 1000000,
	LIMIT_TEMPLATE_PARTS    = 256,

	/* The wire. RFC 5321 4.5.3.1 allows 512 octets; testers go beyond. */
	LIMIT_COMMAND           = 64 * KIB,
	LIMIT_REPLY_LINE        = 64 * KIB,
	LIMIT_REPLY             = 1 * MIB,
	LIMIT_REPLY_LINES       = 10000,
	LIMIT_BODY              = 64 * MIB,
	LIMIT_CHUNK             = 64 * KIB,     /* one write of a long body */
	LIMIT_ROUNDS            = 16,           /* continuations in one act */
	LIMIT_CHUNKS            = 100000,       /* writes of one paced act */
	LIMIT_OWED              = 10000,        /* replies, in one script */

	/* SASL. RFC 4954 4 has lines of 12288 octets; the iterations of SCRAM
	 * are a server's wish, which costs us: 10 million are some seconds. */
	LIMIT_SASL              = 12288,        /* one challenge or response */
	LIMIT_SASL_ITERATIONS   = 10000000,
	LIMIT_SASL_QUICK        = 1000,         /* more, 1 ms: in another thread */
	LIMIT_SASL_THREADS      = 64,           /* more would only wait for cores */
	LIMIT_SASL_KEYS         = 64,           /* of users and salts, kept */

	/* Lua. Soft: the script is ended; hard: no more is given. The CPU limit
	 * and the steps are of one stretch between two acts. */
	LIMIT_LUA_MEMORY        = 64 * MIB,
	LIMIT_LUA_MEMORY_HARD   = 80 * MIB,
	LIMIT_LUA_STEPS         = 100000000,
	LIMIT_LUA_CPU_MS        = 2 * 1000,
	LIMIT_LUA_WATCH_MS      = 4 * 1000,     /* then the worker is killed */
	LIMIT_LUA_LOAD_MS       = 60 * 1000,    /* whatever the worker says */
	LIMIT_LUA_WORKERS       = 64,           /* at a time, unless all work */
	LIMIT_LUA_LOSSES        = 8,            /* of one file's workers: then
	                                         * there are no more of them */
	LIMIT_LUA_MODULES       = 101,          /* the script and its modules */
	LIMIT_LUA_AHEAD         = 32 * MIB,     /* of one file, not yet taken */

	/* Time, milliseconds. */
	LIMIT_DNS_MS            = 5 * 1000,
	LIMIT_CONNECT_MS        = 10 * 1000,
	LIMIT_REPLY_MS          = 10 * 1000,
	LIMIT_TLS_FILE          = 1 * MIB,      /* a bundle of CAs has 250 KiB */
	LIMIT_TLS_CERTS         = 32,           /* of peers, shared by sessions */
	LIMIT_TLS_SESSIONS      = 64,           /* kept for `resume` */
	LIMIT_SCENARIO_MS       = 5 * 60 * 1000,
	LIMIT_RUN_MS            = 60 * 60 * 1000,       /* --timeout */

	/* Reports. */
	LIMIT_LOG_STEP          = 64 * KIB,
	LIMIT_LOG_RUN           = 16 * MIB,
	LIMIT_SHOWN             = 4 * KIB,      /* of one text in a report */
	LIMIT_SHOWN_LINES       = 20,
	LIMIT_SECRET_MIN        = 4,            /* shorter would mask everything */

	/* The embedded server. */
	LIMIT_SERVE_CLIENTS     = 4096,
	LIMIT_SERVE_MESSAGE     = 32 * MIB,
	LIMIT_SERVE_HELD        = 256 * MIB,    /* of all clients, --maildir */
	LIMIT_SERVE_RECIPIENTS  = 1000,
	LIMIT_SERVE_ERRORS      = 100,
	LIMIT_SERVE_FAILURES    = 10,           /* of AUTH, of one client */
	LIMIT_SERVE_FAULTS      = 64,           /* a command line's worth */
	LIMIT_SERVE_FAULT_MS    = 60 * 60 * 1000,       /* beyond any client */
	LIMIT_SERVE_IDLE_MS     = 5 * 60 * 1000,        /* RFC 5321 4.5.3.2.7 */
};

#endif
