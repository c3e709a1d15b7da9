'use strict';
// Batches lines and posts them: a batch goes when the last one is stored and either 256 Ki characters or 100 ms have come
// together. Beyond 64 Mi characters in memory it drops, as a server without a disk must.
const http = require('http');

const BATCH = 256 * 1024;
const MOST = 64 * 1024 * 1024;
const PAUSE_MS = 100;

const url = new URL(process.env.WRITE_URL);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let waiting = '';
let busy = false;
let timer = null;

function take(lines) {
  if (waiting.length > MOST) return;
  waiting += lines;
  if (waiting.length >= BATCH) flush();
  else if (timer === null) timer = setTimeout(flush, PAUSE_MS);
}

function flush() {
  if (timer !== null) {
    clearTimeout(timer);
    timer = null;
  }
  if (busy || waiting.length === 0) return;
  const body = Buffer.from(waiting, 'latin1');
  waiting = '';
  post(body);
}

function post(body) {
  busy = true;
  const request = http.request(url, { agent, method: 'POST', headers: { 'Content-Length': body.length } }, (answer) => {
    answer.resume();
    answer.on('end', () => {
      if (answer.statusCode >= 500) return setTimeout(post, 1000, body);
      busy = false;
      if (waiting.length > 0) flush();
    });
  });
  request.on('error', () => setTimeout(post, 1000, body));
  request.end(body);
}

module.exports = { take };
