/*
 * The functions of libgsasl that this folder calls: GIVES has a result, CALLS
 * has none (base/library_rows.h).
 */
GIVES(int, gsasl_init, (Gsasl **a), (a))
CALLS(gsasl_callback_set, (Gsasl *a, Gsasl_callback_function b), (a, b))
GIVES(int, gsasl_client_start, (Gsasl *a, const char *b, Gsasl_session **c),
    (a, b, c))
GIVES(int, gsasl_server_start, (Gsasl *a, const char *b, Gsasl_session **c),
    (a, b, c))
CALLS(gsasl_session_hook_set, (Gsasl_session *a, void *b), (a, b))
GIVES(void *, gsasl_session_hook_get, (Gsasl_session *a), (a))
GIVES(int, gsasl_property_set_raw, (Gsasl_session *a, Gsasl_property b, const
    char *c, size_t d), (a, b, c, d))
GIVES(const char *, gsasl_property_fast, (Gsasl_session *a, Gsasl_property b),
    (a, b))
GIVES(int, gsasl_step, (Gsasl_session *a, const char *b, size_t c, char **d,
    size_t *e), (a, b, c, d, e))
CALLS(gsasl_finish, (Gsasl_session *a), (a))
GIVES(int, gsasl_saslprep, (const char *a, Gsasl_saslprep_flags b, char **c,
    int *d), (a, b, c, d))
GIVES(int, gsasl_scram_secrets_from_salted_password, (Gsasl_hash a, const char
    *b, char *c, char *d, char *e), (a, b, c, d, e))
GIVES(int, gsasl_scram_secrets_from_password, (Gsasl_hash a, const char *b,
    unsigned int c, const char *d, size_t e, char *f, char *g, char *h, char
    *i), (a, b, c, d, e, f, g, h, i))
GIVES(int, gsasl_base64_to, (const char *a, size_t b, char **c, size_t *d),
    (a, b, c, d))
GIVES(const char *, gsasl_strerror, (int a), (a))
CALLS(gsasl_free, (void *a), (a))
