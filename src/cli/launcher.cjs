#!/usr/bin/env node
// The first file that runs: checks Node's version, then runs main.cjs from code that V8 compiled in an earlier run.
// Old syntax on purpose: a Node that is too old must still reach the message.
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
} else launch();

/**
 * Node's own compile cache keeps what is compiled when a file is loaded, not the functions that are compiled at their first
 * call: that would cost 10 of the 50 ms that `upkeep status` takes (docs/performance.md).
 */
function launch() {
  var fs = require('node:fs');
  var vm = require('node:vm');
  var main = __dirname + '/main.cjs';
  var stat = fs.statSync(main);
  var verb = /^[a-z][a-z-]{0,20}$/.test(process.argv[2] || '') ? process.argv[2] : 'other';
  var file = cacheDirectory() && cacheDirectory() + '/' + verb;
  var key = [process.version, process.arch, main, stat.size, stat.mtimeMs].join(' ') + '\n';
  var kept = file && read(fs, file, key);
  // latin1: esbuild writes ASCII, and V8 takes one byte per character without converting.
  var script = new vm.Script(fs.readFileSync(main, 'latin1'), {
    filename: main,
    cachedData: kept && kept.length > 0 ? kept : undefined,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  if (file && script.cachedDataRejected !== false) {
    process.on('exit', function (code) {
      // Empty at first: the first run of a verb does work that later runs skip, and they would all load its code.
      // Exit code 2: there is no such verb.
      if (code !== 2) write(fs, file, key, kept ? script.createCachedData() : Buffer.alloc(0));
    });
  }
  script.runInThisContext()(exports, require, module, main, __dirname);
}

/** Private, because what lies there is executed; null: there is no place. */
function cacheDirectory() {
  var base = process.env.XDG_CACHE_HOME || (process.env.HOME && process.env.HOME + '/.cache');
  return base && base.charAt(0) === '/' && process.getuid ? base + '/upkeep/code' : null;
}

/** undefined: missing, cut off, from another build, or writable by other users. */
function read(fs, file, key) {
  var fd = null;
  try {
    fd = fs.openSync(file, 'r');
    var stat = fs.fstatSync(fd);
    if (stat.uid !== process.getuid() || (stat.mode & 18) !== 0) return undefined;
    var bytes = fs.readFileSync(fd);
    var from = Buffer.byteLength(key);
    var whole = bytes.toString('latin1', bytes.length - 4) === '\nEND';
    return whole && bytes.toString('utf8', 0, from) === key
      ? bytes.subarray(from, bytes.length - 4)
      : undefined;
  } catch (error) {
    return void error; // a cache: losing it only costs time
  } finally {
    if (fd !== null) fs.closeSync(fd);
  }
}

/** Whole or not at all, even in a power failure: V8 does not check what it is given. */
function write(fs, file, key, data) {
  var draft = file + '.' + process.pid;
  try {
    fs.mkdirSync(cacheDirectory(), { recursive: true, mode: 448 });
    var fd = fs.openSync(draft, 'w', 384);
    fs.writeSync(fd, Buffer.concat([Buffer.from(key), data, Buffer.from('\nEND')]));
    fs.fsyncSync(fd);
    fs.closeSync(fd);
    fs.renameSync(draft, file);
  } catch (error) {
    void error;
    discard(fs, draft);
  }
}

/** Not even a directory that may not be entered changes what a verb came to. */
function discard(fs, path) {
  try {
    fs.rmSync(path, { force: true });
  } catch (error) {
    void error;
  }
}
