/* MATCHER(name): what an expectation may say of a reply besides its code. */
MATCHER(text)
MATCHER(lines)
MATCHER(enhanced)
MATCHER(offers)
MATCHER(lacks)
MATCHER(capture)
MATCHER(tls)
