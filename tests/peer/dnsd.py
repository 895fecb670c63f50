"""A name server of a test's own: UDP and TCP on one loopback port.

zone: {(name, type): answer}; an answer is a list of records (type, rdata[,
owner]), a number (the rcode), None (nothing is said), a function of the query that gives
octets, or Truncated(answer): TC over UDP, the whole of it over TCP. A name that
is not there at all is NXDOMAIN, one that has another type has no data.
"""
import dataclasses
import socket
import struct
import threading
import time

A, CNAME, MX, TXT, AAAA, TLSA = 1, 5, 15, 16, 28, 52
SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5


@dataclasses.dataclass
class Truncated:
  answer: object
  tcp: bool = True


@dataclasses.dataclass
class Slow:
  seconds: float
  answer: object


def name(text):
  labels = [label.encode() for label in text.split('.') if label]
  return b''.join(bytes([len(label)]) + label for label in labels) + b'\0'


def a(text):
  return A, socket.inet_aton(text)


def aaaa(text):
  return AAAA, socket.inet_pton(socket.AF_INET6, text)


def mx(preference, host):
  return MX, struct.pack('>H', preference) + name(host)


def cname(host):
  return CNAME, name(host)


def txt(*parts):
  return TXT, b''.join(bytes([len(part)]) + part for part in parts)


def tlsa(usage, selector, matching, data=b'\xaa' * 32):
  return TLSA, bytes([usage, selector, matching]) + data


def question(query):
  labels, at = [], 12
  while query[at]:
    labels.append(query[at + 1:at + 1 + query[at]].decode('latin-1'))
    at += 1 + query[at]
  return '.'.join(labels).lower(), struct.unpack_from('>H', query, at + 1)[0], at + 5


class Server:
  def __init__(self, zone, tcp=True):
    self.zone = zone
    self.asked = []
    for _try in range(20):
      self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
      self.udp.bind(('127.0.0.1', 0))
      self.tcp = socket.socket()
      self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
      try:
        self.tcp.bind(self.udp.getsockname())
        break
      except OSError:
        self.udp.close()
        self.tcp.close()
    self.port = self.udp.getsockname()[1]
    if tcp:
      self.tcp.listen(8)
      threading.Thread(target=self.serve_tcp, daemon=True).start()
    threading.Thread(target=self.serve_udp, daemon=True).start()

  def reply(self, query, over_tcp):
    asked, kind, end = question(query)
    self.asked.append((asked, kind))
    known = any(key[0] == asked for key in self.zone)
    answer = self.zone.get((asked, kind), [] if known else NXDOMAIN)
    flags = 0x8180
    if isinstance(answer, Slow):
      time.sleep(answer.seconds)
      answer = answer.answer
    if isinstance(answer, Truncated):
      if not over_tcp:
        return query[:2] + struct.pack('>HHHHH', flags | 0x200, 1, 0, 0, 0) + \
          query[12:end]
      answer = answer.answer
    if answer is None:
      return None
    if callable(answer):
      return answer(query)
    if isinstance(answer, int):
      return query[:2] + struct.pack('>HHHHH', flags | answer, 1, 0, 0, 0) + \
        query[12:end]
    out = query[:2] + struct.pack('>HHHHH', flags, 1, len(answer), 0, 0) + \
      query[12:end]
    for rtype, rdata, *owner in answer:
      out += name(owner[0]) if owner else b'\xc0\x0c'
      out += struct.pack('>HHIH', rtype, 1, 60, len(rdata)) + rdata
    return out

  def serve_udp(self):
    while True:
      try:
        query, sender = self.udp.recvfrom(4096)
      except OSError:
        return
      threading.Thread(target=self.one_udp, args=(query, sender),
                       daemon=True).start()

  def one_udp(self, query, sender):
    reply = self.reply(query, False)
    if reply is not None:
      try:
        self.udp.sendto(reply, sender)
      except OSError:
        pass

  def serve_tcp(self):
    while True:
      try:
        client, _address = self.tcp.accept()
      except OSError:
        return
      threading.Thread(target=self.one_tcp, args=(client,),
                       daemon=True).start()

  def one_tcp(self, client):
    with client, client.makefile('rb') as read:
      try:
        while True:
          head = read.read(2)
          if len(head) < 2:
            return
          query = read.read(struct.unpack('>H', head)[0])
          reply = self.reply(query, True)
          if reply is not None:
            client.sendall(struct.pack('>H', len(reply)) + reply)
      except OSError:
        return

  def stop(self):
    self.udp.close()
    self.tcp.close()
