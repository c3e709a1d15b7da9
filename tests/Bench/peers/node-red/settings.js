'use strict';
// Node-RED without what a server in production leaves out: no editor, no admin API, no log of each message.
const fs = require('fs');

module.exports = {
  flowFile: 'flows.json',
  uiHost: '127.0.0.1',
  disableEditor: true,
  httpAdminRoot: false,
  credentialSecret: false,
  https: process.env.TLS_CERTIFICATE && {
    cert: fs.readFileSync(process.env.TLS_CERTIFICATE),
    key: fs.readFileSync(process.env.TLS_KEY),
  },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
};
