#!/usr/bin/env node
// The first file that runs. Old syntax on purpose: a Node that is too old must get as far as the message.
'use strict';
var need = [22, 22];
var have = process.versions.node.split('.').map(Number);
if (have[0] < need[0] || (have[0] === need[0] && have[1] < need[1])) {
  process.stderr.write(
    'upkeep needs Node ' +
      need.join('.') +
      ' or newer; this is ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\n',
  );
  process.exitCode = 2;
} else {
  var mod = require('node:module');
  if (mod.enableCompileCache) mod.enableCompileCache();
  require('./main.cjs');
}
