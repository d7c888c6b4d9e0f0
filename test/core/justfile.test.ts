import { expect, it } from 'vitest';
import { recipeText } from '../../src/core/justfile.ts';

const justfile = `set dotenv-load
port := "3000"
alias d := dev

# the default
default: dev

@dev *args: build
    @echo starting
    -vite --port {{port}} \\
      {{args}}

build:
  cargo build

script:
    #!/usr/bin/env bash
    exec air

py:
    #!/usr/bin/env python3
    print()
`;

it.each([
  ['dev', 'echo starting\nvite --port {{port}} {{args}}'],
  ['d', 'echo starting\nvite --port {{port}} {{args}}'],
  ['build', 'cargo build'],
  ['', ''],
  ['script', '#!/usr/bin/env bash\nexec air'],
  ['py', null],
  ['port', null],
  ['nope', null],
])('the text of the recipe %j', (name, expected) => {
  expect(recipeText(justfile, name)).toBe(expected);
});
