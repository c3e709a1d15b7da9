'use strict';
// node-ws.js with a receipt: each message is appended to a file, and synced with all that came meanwhile; then every link is
// told how many of its messages are safe. Nothing reads the file again, nothing is deduplicated, and it grows for ever.
const fs = require('fs');
const path = require('path');
const listen = require('./listen');
const { toLines } = require('./lines');
const { take } = require('./writer');

const GATHER_MS = 4;
const file = fs.openSync(path.join(process.env.DATA_FOLDER, 'messages'), 'w');
let messages = [];
let links = new Set();
let busy = false;

listen((socket) => {
  const link = { socket, taken: 0 };
  socket.on('message', (json) => {
    messages.push(json);
    link.taken++;
    links.add(link);
    take(toLines(json));
    if (!busy) {
      busy = true;
      setTimeout(sync, GATHER_MS);
    }
  });
});

function sync() {
  const told = [];
  for (const link of links) told.push([link.socket, link.taken]);
  const bytes = messages;
  messages = [];
  links = new Set();
  fs.writev(file, bytes, (failed) => {
    if (failed) throw failed;
    fs.fdatasync(file, (unsynced) => {
      if (unsynced) throw unsynced;
      for (const [socket, taken] of told) socket.send(`{"ack":${taken}}`);
      busy = messages.length > 0;
      if (busy) setTimeout(sync, GATHER_MS);
    });
  });
}
