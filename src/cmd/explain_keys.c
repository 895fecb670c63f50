/*
 * The keys and words of the scenario format, in few words; quoth-scenario(5)
 * has the whole of it. Where a step verb has its own row, its usage is told.
 */
#include "cmd/explain.h"

#include "model/verb.h"

static const struct {
	const char *word, *kind, *syntax, *about;
} keys[] = {
	{ "quoth", "key of a file", "quoth: 1",
	    "The version of the format. The first key: it makes the file a scenario file." },
	{ "name", "key of a file or scenario", "name: TEXT",
	    "The name in reports; without it the file's stem." },
	{ "about", "key of a file, scenario or parameter", "about: TEXT",
	    "Prose for people." },
	{ "tags", "key of a file or scenario", "tags: [WORD, ...]",
	    "Words to select by: --tag 'smoke and not slow'." },
	{ "protocol", "key of a file or scenario", "protocol: smtp",
	    "How replies are read; without it the target's scheme decides, else smtp." },
	{ "target", "key of a file or scenario", "target: smtp://host:25",
	    "Where to connect; --target on the command line wins." },
	{ "params", "key of a file", "params: { NAME: { type, default, ... } }",
	    "Typed inputs. One without a default must be given with -D, QUOTH_VAR_NAME or "
	    "--vars." },
	{ "vars", "key of a file or scenario", "vars: { NAME: VALUE }",
	    "Constants that are evaluated once for each run of the scenario." },
	{ "needs", "key of a file, scenario or expectation", "needs: [STARTTLS, SIZE]",
	    "Capabilities. As soon as the reply to EHLO lacks one, the scenario is "
	    "reported as skipped." },
	{ "timeout", "key of a file, scenario or step", "timeout: 10s",
	    "How long one reply may take. `within` judges a time; `timeout` ends the "
	    "waiting." },
	{ "each", "key of a scenario",
	    "each: [{ NAME: VALUE }, ...] or { NAME: [VALUE, ...] }",
	    "A table: one reported scenario for each row, or for every combination." },
	{ "retry", "key of a scenario", "retry: { times: 5, every: 2s, on: [4xx, connect] }",
	    "Runs the whole scenario again if the failing reply or event is in `on`." },
	{ "run", "key of a scenario in Lua", "run = function(t) ... end",
	    "Computes the dialogue, in place of steps; see lua/README.md." },
	{ "on_fail", "key of a scenario or step", "on_fail: stop or continue",
	    "What a failed step means for the rest; stop is the default." },
	{ "steps", "key of a scenario", "steps: [STEP, ...]",
	    "The dialogue." },
	{ "always", "key of a scenario", "always: [STEP, ...]",
	    "Steps that run at the end whatever happened, while the connection lives." },
	{ "define", "key of a file", "define: { NAME: [STEP, ...] }",
	    "Dialogues for `use`." },
	{ "scenarios", "key of a file", "scenarios: [SCENARIO, ...]",
	    "Several scenarios in one file; the file's own keys are their defaults." },
	{ "serial", "key of a file", "serial: true",
	    "Keeps the scenarios of a file in their order, one at a time." },
	{ "lock", "key of a scenario", "lock: NAME",
	    "Scenarios that hold the same name never run at the same time." },
	{ "only", "key of a scenario", "only: true",
	    "Runs just this one; an error where CI is set, so that it is not left behind." },
	{ "skip", "key of a scenario", "skip: REASON",
	    "Reports the scenario as skipped." },
	{ "xfail", "key of a scenario", "xfail: { because: TEXT, expires: DATE }",
	    "Expected to fail. An unexpected pass is a failure, and so is everything "
	    "after the date." },
	{ "connect", "act of a step", "connect: [URL]",
	    "Opens the connection and awaits the greeting." },
	{ "starttls", "act of a step", "starttls:",
	    "Sends the protocol's command, then makes the TLS handshake. `code` judges the "
	    "reply, `tls` the handshake." },
	{ "auth", "act of a step",
	    "auth: { mechanism, user, password, token, authzid, initial }",
	    "One SASL exchange, all of its lines. `expect` judges the last reply; a server "
	    "that says yes without the proof that the mechanism wants fails the step." },
	{ "tls", "act of a step, key of connect and of an expectation", "tls:",
	    "The act makes a TLS handshake. In an expectation, what it came to: { version, "
	    "cipher, verified, days_left, name, issuer, resumed, close_notify }, or failed." },
	{ "verify", "key of a TLS handshake", "verify: true or false",
	    "Whether the certificate has to hold; true is the default." },
	{ "ca", "key of a TLS handshake", "ca: FILE",
	    "The CA certificates to trust, PEM, in place of the machine's or those of --ca." },
	{ "cert", "key of a TLS handshake", "cert: FILE",
	    "Our own certificate, PEM; its key stands there as well, or in `key`." },
	{ "key", "key of a TLS handshake", "key: FILE",
	    "The key of `cert`, PEM, without a passphrase." },
	{ "min", "key of a TLS handshake or a parameter", "min: TLSv1.2",
	    "The oldest version to offer; of a parameter, its least value." },
	{ "max", "key of a TLS handshake or a parameter", "max: TLSv1.3",
	    "The newest version to offer; of a parameter, its greatest value." },
	{ "resume", "key of a TLS handshake", "resume: true",
	    "Keeps the session, and resumes the one of the handshake before." },
	{ "version", "key of tls in an expectation", "version: [TLSv1.2, TLSv1.3]",
	    "The version that was agreed on, or a list of those accepted." },
	{ "cipher", "key of tls in an expectation", "cipher: TEXT or /regex/",
	    "OpenSSL's name of the cipher suite." },
	{ "issuer", "key of tls in an expectation", "issuer: TEXT or /regex/",
	    "Who issued the server's certificate: CN=Example CA." },
	{ "resumed", "key of tls in an expectation", "resumed: true",
	    "The handshake resumed the session of one before." },
	{ "verified", "key of tls in an expectation", "verified: true",
	    "The certificate was looked at and holds." },
	{ "days_left", "key of tls in an expectation", "days_left: 14",
	    "At least so many days until the certificate expires." },
	{ "close_notify", "key of tls in an expectation", "close_notify: true",
	    "TLS ended as it should before the server closed: beside `code: closed`." },
	{ "failed", "word of an expectation", "tls: failed",
	    "The handshake fails; the report says why." },
	{ "send", "act of a step", "send: LINE",
	    "Sends one command line; CRLF is added. Awaits one reply." },
	{ "pipeline", "act of a step", "pipeline: [STEP, ...]",
	    "All acts leave in one write; then the replies are checked in order." },
	{ "write", "act of a step", "write: BYTES",
	    "Sends exactly these octets, with escapes. Awaits no reply without `expect`." },
	{ "body", "act of a step", "body: TEXT",
	    "Sends the message: dots stuffed, CRLF line ends, closing dot. Awaits one "
	    "reply." },
	{ "bdat", "act of a step", "bdat: TEXT",
	    "Sends the message in chunks by BDAT; each awaits its reply, and `expect` "
	    "holds for every one." },
	{ "close", "act of a step", "close: or close: { half: true }",
	    "Closes the connection, or only our side of it." },
	{ "abort", "act of a step", "abort:",
	    "Resets the connection." },
	{ "wait", "act of a step", "wait: DURATION",
	    "Pauses." },
	{ "set", "act of a step", "set: { NAME: VALUE }",
	    "Sets variables for later steps." },
	{ "use", "act of a step", "use: NAME",
	    "Puts a defined dialogue here, with its values in `with`." },
	{ "with", "key beside use", "with: { NAME: VALUE }",
	    "Values for the dialogue that `use` names." },
	{ "loop", "act of a step", "loop: { times: N, as: i, steps: [] }",
	    "Repeats steps a fixed number of times, unrolled while loading." },
	{ "eventually", "act of a step", "eventually: { within, every, steps: [] }",
	    "Repeats until all its steps pass, or the time is over." },
	{ "expect", "key of a step", "expect: 250, [250, 251], 4xx, 550..554, or a map",
	    "What is accepted as the reply. Without it a reply must be positive (2yz, "
	    "to a command also 3yz)." },
	{ "expect_each", "key of a step", "expect_each: [250, 452]",
	    "Several replies, in order. In LMTP, one for each accepted recipient." },
	{ "title", "key of a step", "title: TEXT",
	    "The label in reports." },
	{ "level", "key of a step", "level: must or should",
	    "A failed `should` is a warning, and the dialogue goes on." },
	{ "on", "key of a step", "on: NAME",
	    "Which connection; the default is main." },
	{ "secret", "key of a step or parameter", "secret: true",
	    "Masks the octets of this step, or the value, in every output." },
	{ "code", "key of an expectation", "code: 250",
	    "Accepted codes, in all forms of `expect`." },
	{ "never", "key of an expectation", "never: [CODE, ...]",
	    "Codes that must not come." },
	{ "ends", "key of an expectation", "ends: [421, closed]",
	    "Also accepted; the remaining steps are then not needed." },
	{ "enhanced", "key of an expectation", "enhanced: 5.7.1 or 5.7.x",
	    "The enhanced code of the reply." },
	{ "text", "key of an expectation", "text: TEXT or /regex/flags",
	    "All lines of the reply without their codes." },
	{ "lines", "key of an expectation", "lines: { has: [], lacks: [], count: N }",
	    "Single lines of the reply." },
	{ "offers", "key of an expectation", "offers: [SIZE, AUTH PLAIN]",
	    "Capabilities that this reply must list: whole words, in any case." },
	{ "lacks", "key of an expectation", "lacks: [KEYWORD, ...]",
	    "Capabilities that this reply must not list." },
	{ "within", "key of an expectation", "within: 500ms",
	    "The reply must come in this time, from the last octet sent to its last." },
	{ "after", "key of an expectation", "after: 2s",
	    "The reply must not come sooner." },
	{ "flaws", "key of an expectation, scenario or file", "flaws: [bare-lf]",
	    "Exactly the flaws that are tolerated; [] tolerates none." },
	{ "capture", "key of an expectation", "capture: { NAME: /re(gex)/ }",
	    "Keeps the first group as a variable; it must match." },
	{ "any", "word of an expectation", "expect: any",
	    "Any reply, whatever its code." },
	{ "closed", "word of an expectation", "expect: closed",
	    "The server closes the connection, and nothing comes before." },
	{ "silence", "word of an expectation", "expect: silence",
	    "Nothing arrives for `within`, or for one second." },
	{ "refused", "word of an expectation", "expect: refused",
	    "The connection could not be opened." },
};
enum { KEYS = sizeof keys / sizeof keys[0] };

bool
explain_key(struct span word, struct buf *out)
{
	for (size_t i = 0; i < KEYS; i++) {
		const struct verb *verb;

		if (!span_is(word, keys[i].word))
			continue;
		verb = verb_find(word);
		explain_head(out, word, keys[i].kind);
		explain_part(out, "syntax",
		    verb == NULL ? keys[i].syntax : verb->usage);
		explain_part(out, "does", keys[i].about);
		return true;
	}
	return false;
}

const char *
explain_key_name(size_t at)
{
	return at < KEYS ? keys[at].word : NULL;
}
