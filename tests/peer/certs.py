"""Certificates for servers and clients of the tests, where there is no lab to
take them from: the same names, made once with the openssl program.

A CA, and of it: server (RSA) and server-ec for localhost and 127.0.0.1, one
that is expired, one that is not valid yet, one for another host, a client's;
and one that signed itself. NAME.pem, NAME.key, NAME-chain.pem (with the CA's).
"""
import os
import shutil
import subprocess

HERE = 'DNS:localhost,DNS:example.test,DNS:*.example.test,IP:127.0.0.1,IP:::1'
LONG = ('20200101000000Z', '21200101000000Z')
# name: key, subject, alternative names, from and until, what it is for
ROWS = {
  'server': ('rsa:2048', 'localhost', HERE, LONG, 'serverAuth'),
  'server-ec': ('ec', 'localhost', HERE, LONG, 'serverAuth'),
  'expired': ('ec', 'localhost', HERE, ('20200101000000Z', '20210101000000Z'),
              'serverAuth'),
  'notyet': ('ec', 'localhost', HERE, ('21000101000000Z', '21200101000000Z'),
             'serverAuth'),
  'wronghost': ('ec', 'other.example.net', 'DNS:other.example.net', LONG,
                'serverAuth'),
  'client': ('ec', 'alice@example.test', 'email:alice@example.test', LONG,
             'clientAuth'),
}
CONFIG = """\
[ca]
default_ca = it
[it]
database = {0}/index
serial = {0}/serial
new_certs_dir = {0}
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
"""


def openssl(folder, *words):
  subprocess.run(['openssl', *words], cwd=folder, check=True,
                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                 stderr=subprocess.PIPE)


def new_key(kind):
  return ['-newkey', kind] if kind != 'ec' else [
    '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']


def signed(folder, name, row):
  kind, subject, names, (since, until), usage = row
  openssl(folder, 'req', '-new', '-nodes', *new_key(kind), '-config', 'config',
          '-keyout', f'{name}.key', '-out', f'{name}.csr', '-subj',
          f'/CN={subject}', '-addext', f'subjectAltName={names}', '-addext',
          f'extendedKeyUsage={usage}', '-addext', 'basicConstraints=CA:FALSE')
  openssl(folder, 'ca', '-batch', '-notext', '-config', 'config', '-cert',
          'ca.pem', '-keyfile', 'ca.key', '-in', f'{name}.csr', '-startdate',
          since, '-enddate', until, '-out', f'{name}.pem')


def chain(folder, name, *parts):
  with open(os.path.join(folder, f'{name}-chain.pem'), 'wb') as out:
    for part in parts:
      with open(os.path.join(folder, part), 'rb') as pem:
        shutil.copyfileobj(pem, out)


def make(folder):
  """All of them, into an empty folder."""
  for name, text in (('config', CONFIG.format(folder)), ('index', ''),
                     ('index.attr', 'unique_subject = no\n'),
                     ('serial', '1000\n')):
    with open(os.path.join(folder, name), 'w', encoding='ascii') as out:
      out.write(text)
  openssl(folder, 'req', '-x509', '-new', '-nodes', *new_key('ec'), '-keyout',
          'ca.key', '-out', 'ca.pem', '-subj', '/CN=Lab Test CA', '-days',
          '36500')
  for name, row in ROWS.items():
    signed(folder, name, row)
    chain(folder, name, f'{name}.pem', 'ca.pem')
  openssl(folder, 'req', '-x509', '-new', '-nodes', *new_key('ec'), '-keyout',
          'selfsigned.key', '-out', 'selfsigned.pem', '-subj',
          '/CN=localhost', '-addext', f'subjectAltName={HERE}', '-days',
          '36500')
  chain(folder, 'selfsigned', 'selfsigned.pem')
