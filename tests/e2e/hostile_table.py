"""The hostile servers: what a strict author's dialogue makes of each, and how
one who knows it writes that down. Sentences are those of the reports."""

# The dialogue, and what it expects where a row does not say otherwise.
DIALOGUE = [
  ('connect', '  - connect:', '220'),
  ('ehlo', '  - send: EHLO ${client}', '250'),
  ('mail', '  - send: MAIL FROM:<a@example.test>', '250'),
  ('rcpt', '  - send: RCPT TO:<b@example.test>', '250'),
  ('data', '  - send: DATA', '354'),
  ('body', '  - body: "Subject: x\\n\\n.hello\\n"', '250'),
  ('quit', '  - send: QUIT', '221'),
]
STEPS = [name for name, _act, _expect in DIALOGUE]
BIG = "  - body: { headers: { Subject: big }, size: 24MiB }"

# Before we write, or instead of an answer.
CLOSED = 'the server had closed|closed the connection without'
# Whether the second reply is there before we write, or comes while we do.
RACE = 'code|noise'

# mode, the step that says no, the cause, a piece of the sentence.
STRICT = [
  ('no-banner', 'connect', 'timeout', 'connected, but no greeting within'),
  ('slow-banner', 'connect', 'timeout', 'no whole reply within 1'),
  ('banner-554', 'connect', 'code', 'got 554 5.3.2 no mail service here'),
  ('banner-554-close', 'connect', 'code', 'got 554 5.7.1 go away'),
  ('banner-421', 'connect', 'code', 'got 421 4.3.2 too busy'),
  ('banner-mismatch', 'connect', 'flaw', 'different codes, at octet 11'),
  ('banner-no-newline', 'connect', 'timeout', '36 octets came'),
  ('banner-http', 'connect', 'flaw', 'three-digit code, at octet 0'),
  ('banner-ssh', 'connect', 'flaw', 'three-digit code, at octet 0'),
  ('banner-tls', 'connect', 'flaw', 'use smtps://'),
  ('close-at-once', 'connect', 'closed', 'closed the connection without'),
  ('rst-at-once', 'connect', 'closed', 'reset the connection without'),
  ('accept-hang', 'connect', 'timeout', 'connected, but no greeting within'),
  ('banner-late', 'connect', 'timeout', 'connected, but no greeting within'),
  ('mismatch-codes', 'ehlo', 'flaw', 'different codes, at octet 13'),
  ('mismatch-last', 'ehlo', 'flaw', 'different codes, at octet 29'),
  ('endless-250', 'ehlo', 'flaw', 'more lines than one reply may have'),
  ('endless-250-slow', 'ehlo', 'timeout', 'no whole reply within 1'),
  ('huge-line', 'ehlo', 'flaw', 'a line above 64 KiB'),
  ('bare-lf', 'connect', 'flaw', 'LF without CR, at octet 36'),
  ('bare-cr', 'connect', 'timeout', 'no whole reply within 1'),
  ('mixed-eol', 'ehlo', 'flaw', 'LF without CR, at octet 16'),
  ('lf-cr', 'connect', 'flaw', 'LF without CR, at octet 36'),
  ('cr-cr-lf', 'connect', 'flaw', 'CR without LF behind it, at octet 36'),
  ('cr-inside', 'ehlo', 'flaw', 'CR without LF behind it, at octet 7'),
  ('nul-bytes', 'connect', 'flaw', 'NUL octet inside a line, at octet 4'),
  ('nul-in-code', 'ehlo', 'flaw', 'three-digit code, at octet 0'),
  ('code-2-digits', 'ehlo', 'flaw', 'three-digit code, at octet 0'),
  ('code-4-digits', 'ehlo', 'flaw', 'three-digit code, at octet 0'),
  ('code-tab', 'connect', 'flaw', 'space nor a hyphen'),
  ('code-no-space', 'ehlo', 'flaw', 'space nor a hyphen'),
  ('code-other-char', 'ehlo', 'flaw', 'space nor a hyphen'),
  ('code-leading-space', 'ehlo', 'flaw', 'three-digit code, at octet 0'),
  ('code-word', 'ehlo', 'flaw', 'three-digit code, at octet 0'),
  ('code-negative', 'ehlo', 'flaw', 'three-digit code, at octet 0'),
  ('code-000', 'ehlo', 'code', 'got 000 hello'),
  ('code-150', 'ehlo', 'code', 'got 150 wait'),
  ('code-299', 'ehlo', 'code', 'wanted 250, got 299 hello'),
  ('code-600', 'ehlo', 'code', 'got 600 hello'),
  ('code-999', 'ehlo', 'code', 'got 999 hello'),
  ('code-fullwidth', 'ehlo', 'flaw', 'three-digit code, at octet 0'),
  ('empty-line', 'connect', 'flaw', 'three-digit code, at octet 0'),
  ('empty-line-inside', 'ehlo', 'flaw', 'three-digit code, at octet 9'),
  ('no-code-inside', 'ehlo', 'flaw', 'three-digit code, at octet 9'),
  ('no-last-line', 'ehlo', 'timeout', 'no whole reply within 1'),
  ('enhanced-odd', 'rcpt', 'code', 'got 550 5.1234.99999 refused'),
  ('drip-replies', 'connect', 'timeout', 'no whole reply within 1'),
  ('slow-replies', 'connect', 'timeout', 'connected, but no greeting within'),
  ('early-talker', 'ehlo', 'noise', 'not sent: 47 octets came that nobody'),
  ('two-replies', 'ehlo', 'noise', 'not sent: 21 octets came that nobody'),
  ('all-replies-at-once', 'mail', 'noise', 'that nobody had asked for'),
  ('swallow-mail', 'mail', 'timeout', 'no reply within 1'),
  ('swallow-all', 'mail', 'timeout', 'no reply within 1'),
  ('rst-mid-reply', 'ehlo', 'closed', 'reset the connection in the middle'),
  ('fin-mid-reply', 'ehlo', 'closed', 'in the middle of a reply, after 21'),
  ('fin-mid-multiline', 'ehlo', 'closed', 'in the middle of a reply, after 29'),
  ('fin-after-banner', 'ehlo', 'closed', CLOSED),
  ('fin-after-ehlo', 'mail', 'closed', CLOSED),
  ('fin-after-mail', 'mail', 'closed', CLOSED),
  ('fin-after-354', 'body', 'closed', CLOSED),
  ('rst-after-354', 'body', 'closed', CLOSED + '|reset'),
  ('fin-after-dot', 'body', 'closed', 'closed the connection without'),
  ('rst-after-dot', 'body', 'closed', 'reset the connection without'),
  ('hang-after-dot', 'body', 'timeout', 'no reply within 1'),
  ('slow-dot', 'body', 'timeout', 'no reply within 1'),
  ('421-ehlo', 'ehlo', 'code', 'wanted 250, got 421 4.3.2 shutting down'),
  ('421-mail', 'mail', 'code', 'wanted 250, got 421 4.3.2 shutting down'),
  ('421-rcpt', 'rcpt', 'code', 'wanted 250, got 421 4.3.2 shutting down'),
  ('421-data', 'data', 'code', 'wanted 354, got 421 4.3.2 shutting down'),
  ('421-dot', 'body', 'code', 'wanted 250, got 421 4.3.2 shutting down'),
  ('421-quit', 'quit', 'code', 'wanted 221, got 421 4.3.2 shutting down'),
  ('421-stay', 'mail', 'code', 'wanted 250, got 421 4.3.2 shutting down'),
  ('421-mid-data', 'body', 'code', 'got 421 4.3.2 shutting down'),
  ('half-close', 'mail', 'closed', CLOSED),
  ('half-close-wait', 'ehlo', 'timeout', 'no reply within 1'),
  ('shut-read', 'ehlo', 'timeout', 'no reply within 1'),
  ('quit-no-reply', 'quit', 'closed', 'closed the connection without'),
  ('quit-rst', 'quit', 'closed', 'reset the connection without'),
  ('quit-hang', 'quit', 'timeout', 'no reply within 1'),
  ('never-read', 'ehlo', 'timeout', 'no reply within 1'),
  ('never-read-data', 'body', 'timeout', 'no reply within 1'),
  ('ehlo-10k', 'ehlo', 'flaw', 'more lines than one reply may have'),
  ('ehlo-500', 'ehlo', 'code', 'got 500 5.5.2 command not known'),
  ('ehlo-502', 'ehlo', 'code', 'wanted 250, got 502'),
  ('ehlo-550', 'ehlo', 'code', 'wanted 250, got 550'),
  ('ehlo-closes', 'ehlo', 'closed', 'closed the connection without'),
  ('unexpected-354', 'mail', 'code', 'wanted 250, got 354'),
  ('unexpected-334', 'mail', 'code', 'wanted 250, got 334'),
  ('unexpected-220', 'mail', 'code', 'wanted 250, got 220'),
  ('rcpt-251', 'rcpt', 'code', 'wanted 250, got 251'),
  ('rcpt-551', 'rcpt', 'code', 'wanted 250, got 551'),
  ('data-250', 'data', 'code', 'wanted 354, got 250'),
  ('data-hang', 'data', 'timeout', 'no reply within 1'),
  ('data-503', 'data', 'code', 'wanted 354, got 503'),
  ('data-354-no-rcpt', 'rcpt', 'code', 'wanted 250, got 5'),
  ('data-552-mid', 'body', 'code', 'wanted 250, got 552'),
  ('data-two-354', 'body', RACE, '354|that nobody had asked for'),
  ('dot-354', 'body', 'code', 'wanted 250, got 354'),
  ('dot-451', 'body', 'code', 'wanted 250, got 451'),
  ('dot-554', 'body', 'code', 'wanted 250, got 554'),
  ('rcpt-slow', 'rcpt', 'timeout', 'no reply within 1'),
  ('telnet-iac', 'connect', 'flaw', 'three-digit code, at octet 0'),
  ('bom', 'connect', 'flaw', 'three-digit code, at octet 0'),
  ('greylist', 'rcpt', 'code', 'wanted 250, got 451 4.7.1 greylisted'),
]

# Nothing is wrong, or nothing that matters: the dialogue passes as it is.
FINE = [
  ('good', 'pass'), ('banner-multiline', 'pass'),
  ('banner-empty-text', 'pass'), ('code-only', 'pass'),
  ('code-space-only', 'pass'), ('ehlo-lowercase', 'pass'),
  ('ehlo-duplicates', 'pass'), ('ehlo-odd-size', 'pass'),
  ('ehlo-no-extensions', 'pass'), ('ehlo-auth-old-form', 'pass'),
  ('ehlo-changes', 'pass'), ('urgent-data', 'pass'),
  ('backtrack-text', 'pass'), ('smuggle', 'pass'), ('quit-stay', 'pass'),
  ('control-chars', 'warn'), ('ansi-escapes', 'warn'), ('non-utf8', 'warn'),
  ('utf8-text', 'warn'), ('markup-text', 'warn'), ('line-600', 'warn'),
  ('line-64k', 'warn'), ('ehlo-long-keyword', 'warn'),
]


def expecting(**steps):
  return steps


def flaws(*words, **steps):
  steps['head'] = f'flaws: [{", ".join(words)}]'
  return steps


END = None      # the dialogue ends before this step

# The same servers, and an author who knows them.
EXPECTED = [
  ('no-banner', expecting(connect='silence', ehlo=END)),
  ('accept-hang', expecting(connect='{ code: silence, within: 300ms }',
                            ehlo=END)),
  ('slow-banner', expecting(connect='{ code: 220, after: 2s }', head=
                            'timeout: 60s', ehlo=END)),
  ('banner-554', expecting(connect='554', ehlo='503', mail='503', rcpt=END)),
  ('banner-554-close', expecting(connect='{ code: 554, enhanced: 5.7.1 }',
                                 ehlo='closed', mail=END)),
  ('banner-421', expecting(connect='{ code: 220, ends: [421] }', ehlo='250')),
  ('banner-split', expecting(head='timeout: 5s')),
  ('banner-mismatch', expecting(
    connect='{ code: 220, flaws: [mixed-codes] }')),
  ('banner-http', expecting(connect='{ code: any, flaws: [bad-code] }',
                            ehlo=END, leftover=True)),
  ('close-at-once', expecting(connect='closed', ehlo=END)),
  ('rst-at-once', expecting(connect='closed', ehlo=END)),
  ('refused', expecting(connect='refused', ehlo=END)),
  ('mismatch-codes', expecting(
    ehlo='{ code: 250, flaws: [mixed-codes], offers: [PIPELINING] }')),
  ('mismatch-last', expecting(ehlo='{ code: 250, flaws: [mixed-codes] }')),
  ('bare-lf', flaws('bare-lf')),
  ('mixed-eol', expecting(ehlo='{ code: 250, flaws: [bare-lf] }')),
  ('cr-cr-lf', flaws('bare-cr')),
  ('cr-inside', expecting(ehlo='{ code: 250, flaws: [bare-cr] }')),
  ('nul-bytes', flaws('nul')),
  ('utf8-text', flaws('non-ascii')),
  ('non-utf8', flaws('non-ascii')),
  ('line-600', expecting(ehlo='{ code: 250, flaws: [long-line] }')),
  ('line-64k', expecting(ehlo='{ code: 250, flaws: [long-line] }')),
  ('code-000', expecting(ehlo='{ code: any, flaws: [code-range] }')),
  ('code-150', expecting(ehlo='{ code: 150, flaws: [code-range] }')),
  ('code-600', expecting(ehlo='{ code: any, flaws: [code-range] }')),
  ('code-999', expecting(ehlo='{ code: any, flaws: [code-range] }')),
  ('code-299', expecting(ehlo='{ code: 2xx, flaws: [code-range] }')),
  ('code-tab', flaws('bad-separator')),
  ('code-no-space', expecting(ehlo='{ code: 250, flaws: [bad-separator] }')),
  ('code-other-char', expecting(
    ehlo='{ code: 250, flaws: [bad-separator] }')),
  ('enhanced-mismatch', expecting(
    head='flaws: [enhanced-class]', mail='{ code: 250, enhanced: 5.1.0 }',
    rcpt='{ code: 550, enhanced: 2.1.5 }', data='503', body=END)),
  ('byte-by-byte', expecting(head='timeout: 8s')),
  ('crlf-split', expecting(head='timeout: 20s', mail=END)),
  ('slow-replies', expecting(
    head='timeout: 8s', connect='{ code: 220, after: 2s, within: 5s }',
    ehlo=END)),
  ('rcpt-slow', expecting(rcpt='{ code: 250, after: 1500ms, within: 4s }')),
  ('swallow-mail', expecting(mail='{ code: silence, within: 300ms }',
                             rcpt='250')),
  ('swallow-all', expecting(mail='silence', rcpt='silence', data=END)),
  ('idle-421', expecting(
    mail=END, more='  - wait: 1500ms\n  - expect: 421\n  - expect: closed')),
  ('idle-rst', expecting(mail=END, more=(
    '  - expect: { code: closed, within: 5s, after: 1s }'))),
  ('rst-mid-reply', expecting(
    ehlo='{ code: closed, text: 250-hostile }', mail=END)),
  ('fin-mid-reply', expecting(
    ehlo='{ code: closed, text: 250-PIPE }', mail=END)),
  ('fin-after-banner', expecting(ehlo='closed', mail=END)),
  ('fin-after-ehlo', expecting(mail='closed', rcpt=END)),
  ('fin-after-mail', expecting(mail='[250, closed]', rcpt=END)),
  ('fin-after-354', expecting(body='closed', quit=END)),
  ('rst-after-354', expecting(body='closed', quit=END)),
  ('fin-after-dot', expecting(body='closed', quit=END)),
  ('rst-after-dot', expecting(body='closed', quit=END)),
  ('hang-after-dot', expecting(body='silence', quit=END)),
  ('421-ehlo', expecting(ehlo='{ code: 250, ends: [421, closed] }')),
  ('421-mail', expecting(mail='421', rcpt='closed', data=END)),
  ('421-rcpt', expecting(rcpt='{ code: 250, ends: [421] }')),
  ('421-data', expecting(data='421', body=END)),
  ('421-dot', expecting(body='421', quit='closed')),
  ('421-quit', expecting(quit='[221, 421]')),
  ('421-stay', expecting(mail='421', rcpt='250')),
  ('half-close', expecting(mail='closed', rcpt=END)),
  ('half-close-wait', expecting(
    ehlo=END, more='  - write: \'NOOP\\r\\n\'\n'
    '  - close: { half: true }\n  - expect: 250\n  - expect: closed')),
  ('quit-no-reply', expecting(quit='closed')),
  ('quit-rst', expecting(quit='[221, closed]')),
  ('quit-221-rst', expecting(more='  - expect: closed')),
  ('quit-stay', expecting(more=(
    '  - expect: { code: silence, within: 300ms }'))),
  ('quit-hang', expecting(quit='{ code: silence, within: 500ms }')),
  ('quit-garbage', expecting(
    more='  - expect: { code: any, flaws: [bad-code] }\n  - expect: 250\n'
    '  - expect: closed')),
  ('never-read', expecting(ehlo='silence', mail=END)),
  # It replies one second behind the message.
  ('slow-read-data', expecting(head='timeout: 5s')),
  ('pipelining-lie', expecting(
    mail=END, more='  - pipeline:\n'
    '      - send: MAIL FROM:<a@example.test>\n        expect: 250\n'
    '      - send: RCPT TO:<b@example.test>\n'
    '        expect: { code: silence, within: 600ms }')),
  ('rcpt-out-of-order', expecting(rcpt=END, more='''  - pipeline:
      - send: RCPT TO:<b@example.test>
        expect: { code: 550, text: nobody }
      - send: RCPT TO:<nobody@example.test>
        expect: { code: 250, text: b@example.test }''')),
  ('rcpt-one-reply', expecting(rcpt=END, more='''  - pipeline:
      - send: RCPT TO:<b@example.test>
        expect: 250
      - send: RCPT TO:<c@example.test>
        expect: { code: silence, within: 400ms }''')),
  ('rcpt-alternates', expecting(rcpt=END, more='''  - loop:
      times: 2
      as: i
      steps:
        - send: RCPT TO:<u${i}@example.test>
          expect: [250, 4xx, 5xx]''')),
  ('ehlo-500', expecting(
    ehlo=END, more='  - send: EHLO c\n    expect: 500\n'
    '  - send: HELO c\n    expect: 250')),
  ('ehlo-closes', expecting(ehlo='closed', mail=END)),
  ('ehlo-lowercase', expecting(
    ehlo='{ code: 250, offers: [PIPELINING, SIZE] }')),
  ('ehlo-no-extensions', expecting(
    ehlo='{ code: 250, lacks: [PIPELINING, STARTTLS], lines: { count: 1 } }')),
  ('vrfy-long', expecting(
    mail=END, more='  - send: VRFY a\n'
    '    expect: { code: any, lines: { count: 500 } }')),
  ('rset-fails', expecting(mail=END, more='  - send: RSET\n    expect: 5xx')),
  ('noop-hang', expecting(
    mail=END, more='  - send: NOOP\n    expect: silence')),
  ('bdat-503', expecting(
    data=END, more='  - write: \'BDAT 2 LAST\\r\\nhi\'\n    expect: 5xx')),
  ('unexpected-334', expecting(mail='334', rcpt=END)),
  ('data-250', expecting(data='250', body=END)),
  ('data-early-250', expecting(
    body=END, more='  - expect: 250\n  - body: x\n    expect: silence',
    quit=END)),
  ('data-two-354', expecting(
    body=END, more='  - expect: 354\n  - body: x\n    expect: 250')),
  ('data-552-mid', expecting(body='552', quit='closed')),
  ('data-354-no-rcpt', expecting(rcpt='5xx', data='354', body='554')),
  ('dot-451', expecting(body='{ code: 4xx, never: [250] }')),
  ('dot-554', expecting(body='{ never: [2xx] }')),
  ('two-replies', expecting(
    connect=END, more='  - connect:\n    expect: 220\n  - expect: 250\n'
    '  - send: NOOP\n    expect_each: [250, 250]')),
  ('early-talker', expecting(
    ehlo=END, more='  - expect: { code: 250, offers: [SIZE] }')),
  ('all-replies-at-once', expecting(
    mail=END, more='  - expect: 250\n  - expect: 250\n  - expect: 354\n'
    '  - expect: 250\n  - expect: 221')),
  ('unsolicited', expecting(
    ehlo=END, more='  - expect: { code: 250, text: by the way, after: 200ms }'
    )),
  ('telnet-iac', expecting(connect=(
    '{ code: any, flaws: [bad-code, non-ascii] }'), ehlo=END)),
  ('ansi-escapes', expecting(
    head='flaws: [non-ascii, long-line]',
    ehlo=r"{ code: 250, text: '/\x1b\[1;31mred/' }")),
  ('markup-text', expecting(
    head='flaws: [non-ascii]',
    ehlo="{ code: 250, text: '<script>alert(1)</script>' }")),
  ('backtrack-text', expecting(
    ehlo=r"{ code: 250, text: '/hostile.*!/' }")),
  ('connect-timeout', expecting(
    connect=END, more='  - connect: { timeout: 800ms }\n'
    '    expect: refused')),
  ('greylist', expecting(head='retry: { times: 3, every: 100ms, on: [4xx] }',
                         rcpt=END, more=('  - send: RCPT TO:<r@example.test>'
                                         '\n    expect: 250'))),
]
LEFT_OVER = {'banner-http'}
