/*
 * The functions of OpenSSL that net/ calls, as OpenSSL declares them: GIVES
 * has a result, CALLS has none. A new one needs its row, else the program does
 * not link; a row that is not what the headers say does not compile.
 */
/* libssl */
GIVES(const char *, SSL_CIPHER_get_name, (const SSL_CIPHER *a), (a))
GIVES(long, SSL_CTX_ctrl, (SSL_CTX *a, int b, long c, void *d), (a, b, c, d))
CALLS(SSL_CTX_free, (SSL_CTX *a), (a))
GIVES(SSL_CTX *, SSL_CTX_new, (const SSL_METHOD *a), (a))
CALLS(SSL_CTX_sess_set_new_cb, (SSL_CTX *a, int (*b)(struct ssl_st *ssl,
    SSL_SESSION *sess)), (a, b))
CALLS(SSL_CTX_set_cert_verify_callback, (SSL_CTX *a, int (*b)(X509_STORE_CTX
    *, void *), void *c), (a, b, c))
CALLS(SSL_CTX_set_keylog_callback, (SSL_CTX *a, SSL_CTX_keylog_cb_func b), (a,
    b))
GIVES(uint64_t, SSL_CTX_set_options, (SSL_CTX *a, uint64_t b), (a, b))
GIVES(int, SSL_CTX_use_PrivateKey, (SSL_CTX *a, EVP_PKEY *b), (a, b))
GIVES(int, SSL_CTX_use_certificate, (SSL_CTX *a, X509 *b), (a, b))
CALLS(SSL_SESSION_free, (SSL_SESSION *a), (a))
GIVES(int, SSL_SESSION_get_protocol_version, (const SSL_SESSION *a), (a))
GIVES(int, SSL_SESSION_up_ref, (SSL_SESSION *a), (a))
GIVES(const char *, SSL_alert_desc_string_long, (int a), (a))
GIVES(long, SSL_ctrl, (SSL *a, int b, long c, void *d), (a, b, c, d))
GIVES(int, SSL_do_handshake, (SSL *a), (a))
GIVES(int, SSL_export_keying_material, (SSL *a, unsigned char *b, size_t c,
    const char *d, size_t e, const unsigned char *f, size_t g, int h), (a, b, c,
    d, e, f, g, h))
CALLS(SSL_free, (SSL *a), (a))
GIVES(X509_VERIFY_PARAM *, SSL_get0_param, (SSL *a), (a))
GIVES(X509 *, SSL_get0_peer_certificate, (const SSL *a), (a))
GIVES(const SSL_CIPHER *, SSL_get_current_cipher, (const SSL *a), (a))
GIVES(int, SSL_get_error, (const SSL *a, int b), (a, b))
GIVES(void *, SSL_get_ex_data, (const SSL *a, int b), (a, b))
GIVES(int, SSL_get_ex_data_X509_STORE_CTX_idx, (void), ())
GIVES(size_t, SSL_get_finished, (const SSL *a, void *b, size_t c), (a, b, c))
GIVES(size_t, SSL_get_peer_finished, (const SSL *a, void *b, size_t c), (a, b,
    c))
GIVES(int, SSL_get_shutdown, (const SSL *a), (a))
GIVES(long, SSL_get_verify_result, (const SSL *a), (a))
GIVES(SSL *, SSL_new, (SSL_CTX *a), (a))
GIVES(int, SSL_read, (SSL *a, void *b, int c), (a, b, c))
GIVES(int, SSL_session_reused, (const SSL *a), (a))
CALLS(SSL_set_accept_state, (SSL *a), (a))
CALLS(SSL_set_bio, (SSL *a, BIO *b, BIO *c), (a, b, c))
CALLS(SSL_set_connect_state, (SSL *a), (a))
GIVES(int, SSL_set_ex_data, (SSL *a, int b, void *c), (a, b, c))
CALLS(SSL_set_msg_callback, (SSL *a, void (*b)(int write_p, int version, int
    content_type, const void *buf, size_t len, SSL *ssl, void *arg)), (a, b))
CALLS(SSL_set_security_level, (SSL *a, int b), (a, b))
GIVES(int, SSL_set_session, (SSL *a, SSL_SESSION *b), (a, b))
CALLS(SSL_set_verify, (SSL *a, int b, SSL_verify_cb c), (a, b, c))
GIVES(int, SSL_shutdown, (SSL *a), (a))
GIVES(int, SSL_use_cert_and_key, (SSL *a, X509 *b, EVP_PKEY *c, struct
    stack_st_X509 *d, int e), (a, b, c, d, e))
GIVES(int, SSL_version, (const SSL *a), (a))
GIVES(int, SSL_write, (SSL *a, const void *b, int c), (a, b, c))
GIVES(const SSL_METHOD *, TLS_client_method, (void), ())
GIVES(const SSL_METHOD *, TLS_server_method, (void), ())
/* libcrypto */
GIVES(int, ASN1_INTEGER_set, (ASN1_INTEGER *a, long b), (a, b))
GIVES(const unsigned char *, ASN1_STRING_get0_data, (const ASN1_STRING *a),
    (a))
GIVES(int, ASN1_STRING_length, (const ASN1_STRING *a), (a))
GIVES(int, ASN1_TIME_to_tm, (const ASN1_TIME *a, struct tm *b), (a, b))
CALLS(BIO_clear_flags, (BIO *a, int b), (a, b))
GIVES(long, BIO_ctrl, (BIO *a, int b, long c, void *d), (a, b, c, d))
GIVES(int, BIO_free, (BIO *a), (a))
GIVES(void *, BIO_get_data, (BIO *a), (a))
GIVES(int, BIO_get_new_index, (void), ())
GIVES(BIO_METHOD *, BIO_meth_new, (int a, const char *b), (a, b))
GIVES(int, BIO_meth_set_ctrl, (BIO_METHOD *a, long (*b)(BIO *, int, long, void
    *)), (a, b))
GIVES(int, BIO_meth_set_read, (BIO_METHOD *a, int (*b)(BIO *, char *, int)),
    (a, b))
GIVES(int, BIO_meth_set_write, (BIO_METHOD *a, int (*b)(BIO *, const char *,
    int)), (a, b))
GIVES(BIO *, BIO_new, (const BIO_METHOD *a), (a))
GIVES(BIO *, BIO_new_file, (const char *a, const char *b), (a, b))
GIVES(BIO *, BIO_new_mem_buf, (const void *a, int b), (a, b))
GIVES(const BIO_METHOD *, BIO_s_mem, (void), ())
CALLS(BIO_set_data, (BIO *a, void *b), (a, b))
CALLS(BIO_set_flags, (BIO *a, int b), (a, b))
CALLS(BIO_set_init, (BIO *a, int b), (a, b))
GIVES(int, CRYPTO_set_mem_functions, (CRYPTO_malloc_fn a, CRYPTO_realloc_fn b,
    CRYPTO_free_fn c), (a, b, c))
CALLS(ERR_clear_error, (void), ())
GIVES(unsigned long, ERR_peek_last_error, (void), ())
GIVES(const char *, ERR_reason_error_string, (unsigned long a), (a))
CALLS(EVP_PKEY_CTX_free, (EVP_PKEY_CTX *a), (a))
GIVES(EVP_PKEY_CTX *, EVP_PKEY_CTX_new_id, (int a, ENGINE *b), (a, b))
GIVES(int, EVP_PKEY_CTX_set_group_name, (EVP_PKEY_CTX *a, const char *b), (a,
    b))
CALLS(EVP_PKEY_free, (EVP_PKEY *a), (a))
GIVES(int, EVP_PKEY_generate, (EVP_PKEY_CTX *a, EVP_PKEY **b), (a, b))
GIVES(int, EVP_PKEY_keygen_init, (EVP_PKEY_CTX *a), (a))
GIVES(const EVP_MD *, EVP_sha256, (void), ())
CALLS(GENERAL_NAMES_free, (GENERAL_NAMES *a), (a))
GIVES(OPENSSL_STACK *, OPENSSL_sk_new_null, (void), ())
GIVES(int, OPENSSL_sk_num, (const OPENSSL_STACK *a), (a))
CALLS(OPENSSL_sk_pop_free, (OPENSSL_STACK *a, void (*b)(void *)), (a, b))
GIVES(int, OPENSSL_sk_push, (OPENSSL_STACK *a, const void *b), (a, b))
GIVES(void *, OPENSSL_sk_set, (OPENSSL_STACK *a, int b, const void *c), (a, b,
    c))
GIVES(void *, OPENSSL_sk_value, (const OPENSSL_STACK *a, int b), (a, b))
GIVES(EVP_PKEY *, PEM_read_bio_PrivateKey, (BIO *a, EVP_PKEY **b,
    pem_password_cb *c, void *d), (a, b, c, d))
GIVES(X509 *, PEM_read_bio_X509, (BIO *a, X509 **b, pem_password_cb *c, void
    *d), (a, b, c, d))
GIVES(X509 *, PEM_read_bio_X509_AUX, (BIO *a, X509 **b, pem_password_cb *c,
    void *d), (a, b, c, d))
GIVES(int, PEM_write_bio_X509, (BIO *a, const X509 *b), (a, b))
GIVES(X509_EXTENSION *, X509V3_EXT_conf_nid, (struct lhash_st_CONF_VALUE *a,
    X509V3_CTX *b, int c, const char *d), (a, b, c, d))
CALLS(X509V3_set_ctx, (X509V3_CTX *a, X509 *b, X509 *c, X509_REQ *d, X509_CRL
    *e, int f), (a, b, c, d, e, f))
CALLS(X509_EXTENSION_free, (X509_EXTENSION *a), (a))
GIVES(int, X509_NAME_add_entry_by_txt, (X509_NAME *a, const char *b, int c,
    const unsigned char *d, int e, int f, int g), (a, b, c, d, e, f, g))
GIVES(int, X509_NAME_print_ex, (BIO *a, const X509_NAME *b, int c, unsigned
    long d), (a, b, c, d))
GIVES(X509 *, X509_STORE_CTX_get0_cert, (const X509_STORE_CTX *a), (a))
GIVES(struct stack_st_X509 *, X509_STORE_CTX_get0_untrusted, (const
    X509_STORE_CTX *a), (a))
GIVES(X509 *, X509_STORE_CTX_get_current_cert, (const X509_STORE_CTX *a), (a))
GIVES(int, X509_STORE_CTX_get_error, (const X509_STORE_CTX *a), (a))
GIVES(int, X509_STORE_CTX_get_error_depth, (const X509_STORE_CTX *a), (a))
GIVES(void *, X509_STORE_CTX_get_ex_data, (const X509_STORE_CTX *a, int b),
    (a, b))
CALLS(X509_STORE_CTX_set_cert, (X509_STORE_CTX *a, X509 *b), (a, b))
CALLS(X509_STORE_CTX_set_error, (X509_STORE_CTX *a, int b), (a, b))
GIVES(int, X509_STORE_add_cert, (X509_STORE *a, X509 *b), (a, b))
CALLS(X509_STORE_free, (X509_STORE *a), (a))
GIVES(int, X509_STORE_load_file, (X509_STORE *a, const char *b), (a, b))
GIVES(int, X509_STORE_load_path, (X509_STORE *a, const char *b), (a, b))
GIVES(X509_STORE *, X509_STORE_new, (void), ())
GIVES(int, X509_VERIFY_PARAM_set1_host, (X509_VERIFY_PARAM *a, const char *b,
    size_t c), (a, b, c))
GIVES(int, X509_VERIFY_PARAM_set1_ip_asc, (X509_VERIFY_PARAM *a, const char
    *b), (a, b))
GIVES(int, X509_add_ext, (X509 *a, X509_EXTENSION *b, int c), (a, b, c))
GIVES(int, X509_check_private_key, (const X509 *a, const EVP_PKEY *b), (a, b))
CALLS(X509_free, (X509 *a), (a))
GIVES(const ASN1_TIME *, X509_get0_notAfter, (const X509 *a), (a))
GIVES(const ASN1_TIME *, X509_get0_notBefore, (const X509 *a), (a))
GIVES(const char *, X509_get_default_cert_dir, (void), ())
GIVES(const char *, X509_get_default_cert_dir_env, (void), ())
GIVES(const char *, X509_get_default_cert_file, (void), ())
GIVES(const char *, X509_get_default_cert_file_env, (void), ())
GIVES(void *, X509_get_ext_d2i, (const X509 *a, int b, int *c, int *d), (a, b,
    c, d))
GIVES(X509_NAME *, X509_get_issuer_name, (const X509 *a), (a))
GIVES(ASN1_INTEGER *, X509_get_serialNumber, (X509 *a), (a))
GIVES(X509_NAME *, X509_get_subject_name, (const X509 *a), (a))
GIVES(ASN1_TIME *, X509_getm_notAfter, (const X509 *a), (a))
GIVES(ASN1_TIME *, X509_getm_notBefore, (const X509 *a), (a))
GIVES(ASN1_TIME *, X509_gmtime_adj, (ASN1_TIME *a, long b), (a, b))
GIVES(X509 *, X509_new, (void), ())
GIVES(int, X509_set_issuer_name, (X509 *a, const X509_NAME *b), (a, b))
GIVES(int, X509_set_pubkey, (X509 *a, EVP_PKEY *b), (a, b))
GIVES(int, X509_set_version, (X509 *a, long b), (a, b))
GIVES(int, X509_sign, (X509 *a, EVP_PKEY *b, const EVP_MD *c), (a, b, c))
GIVES(int, X509_up_ref, (X509 *a), (a))
GIVES(int, X509_verify_cert, (X509_STORE_CTX *a), (a))
GIVES(const char *, X509_verify_cert_error_string, (long a), (a))
GIVES(int, i2d_X509, (const X509 *a, unsigned char **b), (a, b))
