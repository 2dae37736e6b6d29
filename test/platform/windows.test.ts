/** What Windows does otherwise, driven through the platform port: the tests run on any system. */
import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, win32 } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ModelError } from '../../src/base/errors.ts';
import { FolderResolver } from '../../src/platform/node-external-data.ts';
import { FileSource } from '../../src/platform/node-file-source.ts';
import { replaceFile } from '../../src/platform/node-replace-file.ts';
import { systemOf, type System, thisSystem } from '../../src/platform/node-system.ts';
import { windowsObjection } from '../../src/platform/windows-names.ts';
import { scratchFolder } from '../support/scratch.ts';

const top = scratchFolder();

describe('names that Windows reads otherwise', () => {
  test.each(['w.bin', 'sub\\w.bin', './w', 'console', 'com10', 'nul_', 'aux1.bin', 'a.nul', '.hidden', 'lpt', 'a b.c'])(
    '%j is what it seems',
    (location) => expect(windowsObjection(location)).toBeUndefined(),
  );

  test.each([
    ['NUL', 'names the Windows device NUL'],
    ['con.bin', 'names the Windows device CON'],
    ['sub/Aux.tar.gz', 'names the Windows device AUX'],
    ['prn .txt', 'names the Windows device PRN'],
    ['COM1', 'names the Windows device COM1'],
    ['lpt9.data', 'names the Windows device LPT9'],
    ['com\u00b9', 'names the Windows device COM\u00b9'],
    ['CONIN$', 'names the Windows device CONIN$'],
    ['a\\nul\\w.bin', 'names the Windows device NUL'],
    ['w.bin:stream', 'alternate data stream'],
    ['w.bin::$DATA', 'alternate data stream'],
    ['w.bin.', 'ends with a dot or a blank'],
    ['.. /w.bin', 'ends with a dot or a blank'],
    ['w.bin ', 'ends with a dot or a blank'],
    ['...', 'ends with a dot or a blank'],
    ['w?.bin', 'does not allow'],
    ['a<b', 'does not allow'],
    ['a\nb', 'does not allow'],
  ])('%j is not', (location, reason) => expect(windowsObjection(location)).toContain(reason));
});

/** Windows on top of a folder of this system: drive C: and the share \\server\models lie in folders of their own. */
class FakeWindows {
  readonly root: string;
  /** Paths as the file system got them. */
  readonly asked: string[] = [];
  readonly system: System;

  constructor(name: string) {
    this.root = join(top, name);
    const { realpath, lstat, open } = thisSystem;
    this.system = systemOf(win32, {
      // Node's realpath deals with long paths itself, and gives a path without the prefix.
      realpath: (path) => this.#back(realpath(this.#real(win32.toNamespacedPath(path)))),
      lstat: (path) => lstat(this.#real(path)),
      open: (path, shown) => open(this.#real(path), shown),
      isAt: (source, path) => source.isAt(this.#real(path)),
      rename: (from, to) => thisSystem.rename(this.#real(from), this.#real(to)),
      link: (existing, path) => thisSystem.link(this.#real(existing), this.#real(path)),
    });
  }

  put(path: string, bytes: Uint8Array): void {
    const real = this.#real(win32.toNamespacedPath(path));
    mkdirSync(join(real, '..'), { recursive: true });
    writeFileSync(real, bytes);
  }

  #real(path: string): string {
    this.asked.push(path);
    const drive = /^\\\\\?\\([A-Z]):\\(.*)$/.exec(path);
    const share = /^\\\\\?\\UNC\\([^\\]+\\[^\\]+)\\(.*)$/.exec(path);
    const [, place, rest] = drive ?? share ?? [];
    // A path without the prefix, or with slashes behind it, fails there when it is long.
    if (place === undefined || rest === undefined || rest.includes('/')) throw new Error(`Windows got ${path}`);
    return join(this.root, place.replaceAll('\\', '+'), ...rest.split('\\'));
  }

  #back(real: string): string {
    const [place = '', ...rest] = real.slice(this.root.length + 1).split('/');
    return (place.length === 1 ? `${place}:\\` : `\\\\${place.replace('+', '\\')}\\`) + rest.join('\\');
  }
}

describe('external data', () => {
  const long = Array.from({ length: 12 }, (_, index) => `folder-with-a-long-name-${index}`).join('\\');

  test.each([
    ['on a drive', 'C:\\models', 'w.bin'],
    ['on a share', '\\\\server\\models\\net', 'w.bin'],
    ['with separators of either kind', 'C:\\models', 'sub\\deep/w.bin'],
    ['below a path of more than 260 characters', `C:\\${long}`, 'sub/w.bin'],
    ['below a long path of a share', `\\\\server\\models\\${long}`, '.\\sub\\w.bin'],
  ])('is found %s', async (_where, folder, location) => {
    const windows = new FakeWindows(String(Math.random()));
    windows.put(`${folder}\\m.onnx`, Uint8Array.of(1));
    windows.put(win32.join(folder, location), Uint8Array.of(1, 2, 3));
    const source = await new FolderResolver(`${folder}\\m.onnx`, windows.system).open(location);
    expect([...(await source.read(0, 3))]).toEqual([1, 2, 3]);
    expect(windows.asked.every((path) => path.startsWith('\\\\?\\'))).toBe(true);
    source.close();
  });

  test.each([
    ['nul', /names the Windows device NUL/],
    ['w.bin:hidden', /alternate data stream/],
    ['.. \\w.bin', /dot or a blank/],
    ['D:w.bin', /names a drive/],
    ['\\\\other\\share\\w.bin', /is absolute/],
    ['..\\w.bin', /'\.\.' component/],
  ])('%j is refused before anything is opened', async (location, message) => {
    const windows = new FakeWindows(String(Math.random()));
    windows.put('C:\\models\\m.onnx', Uint8Array.of(1));
    const resolver = new FolderResolver('C:\\models\\m.onnx', windows.system);
    const before = windows.asked.length;
    await expect(resolver.open(location)).rejects.toThrow(message);
    await expect(resolver.open(location)).rejects.toBeInstanceOf(ModelError);
    expect(windows.asked.length).toBe(before);
  });

  test('a junction to another drive leads out', async () => {
    const windows = new FakeWindows(String(Math.random()));
    windows.put('C:\\models\\m.onnx', Uint8Array.of(1));
    windows.put('C:\\models\\w.bin', Uint8Array.of(1));
    windows.put('D:\\secret', Uint8Array.of(1));
    const { realpath } = windows.system;
    const system = {
      ...windows.system,
      realpath: (path: string) => (path.endsWith('w.bin') ? 'D:\\secret' : realpath(path)),
    };
    await expect(new FolderResolver('C:\\models\\m.onnx', system).open('w.bin')).rejects.toThrow(/leads out/);
  });

  test('elsewhere all of these are names like others', async () => {
    for (const name of ['nul', 'w.bin:stream', 'a?', 'end.']) {
      writeFileSync(join(top, name), Uint8Array.of(7));
      const source = await new FolderResolver(join(top, 'm.onnx')).open(name);
      expect(source).toBeInstanceOf(FileSource);
      expect([...(await source.read(0, 1))]).toEqual([7]);
      source.close();
    }
  });
});

describe('replacing a file', () => {
  /** A system whose renames fail `failures` times, on a clock of its own. */
  function held(isWindows: boolean, code: string, failures: number) {
    let clock = 0;
    const calls: [string, string][] = [];
    const system: System = {
      ...thisSystem,
      isWindows,
      rename(from, to) {
        calls.push([from, to]);
        if (calls.length <= failures) throw Object.assign(new Error(`${code}: held`), { code });
      },
      now: () => clock,
      sleep: (milliseconds) => void (clock += milliseconds),
    };
    return { system, calls, time: () => clock };
  }

  test.each(['EPERM', 'EACCES', 'EBUSY'])('is tried again on Windows while another holds it (%s)', (code) => {
    const { system, calls, time } = held(true, code, 5);
    replaceFile('a', 'b', system);
    expect(calls).toEqual(Array.from({ length: 6 }, () => ['a', 'b']));
    expect(time()).toBe(10 + 20 + 40 + 80 + 160);
  });

  test('ends after two seconds', () => {
    const { system, time } = held(true, 'EBUSY', Infinity);
    expect(() => replaceFile('a', 'b', system)).toThrow('EBUSY: held');
    expect(time()).toBeGreaterThan(1500);
    expect(time()).toBeLessThanOrEqual(2000);
  });

  test.each([
    [true, 'ENOENT'],
    [true, 'ENOSPC'],
    [false, 'EPERM'],
    [false, 'EBUSY'],
  ])('is not tried again for what does not pass (Windows: %s, %s)', (isWindows, code) => {
    const { system, calls } = held(isWindows, code, Infinity);
    expect(() => replaceFile('a', 'b', system)).toThrow(code);
    expect(calls.length).toBe(1);
  });

  test('a real rename waits in real time', () => {
    const from = join(top, 'from');
    writeFileSync(from, 'new');
    writeFileSync(join(top, 'to'), 'old');
    let failures = 2;
    const rename = (a: string, b: string): void => {
      if (failures-- > 0) throw Object.assign(new Error('held'), { code: 'EPERM' });
      thisSystem.rename(a, b);
    };
    const started = performance.now();
    replaceFile(from, join(top, 'to'), { ...thisSystem, isWindows: true, rename });
    expect(performance.now() - started).toBeGreaterThan(25);
    expect(lstatSync(join(top, 'to')).size).toBe(3);
  });
});
