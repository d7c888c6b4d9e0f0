/** Decides which of the caller's variables a stack may get: all but those of the caller's own tools. */

/**
 * GIT_*, npm_* and HUSKY* come from hooks and scripts and would redirect git and npm inside a service; PC_* would
 * redirect process-compose to another project's socket; the rest describes a terminal or an editor that the services do
 * not have.
 */
const foreign =
  /^(?:GIT_.*|npm_.*|HUSKY.*|PC_.*|UPKEEP_.*|VSCODE_.*|CURSOR_.*|TERM_.*|TERM|COLORTERM|TMUX.*|STY|WINDOW|WINDOWID|LINES|COLUMNS|SSH_TTY|NVIM.*|VIM|VIMRUNTIME|MYVIMRC|INSIDE_EMACS|EMACS|EDITOR|VISUAL|GIT_EDITOR|INIT_CWD|OLDPWD|SHLVL|_|CLAUDECODE|CLAUDE_CODE_.*|ZED_.*|KITTY_.*|WEZTERM_.*|ITERM_.*|ALACRITTY_.*)$/;

export type Environment = Readonly<Record<string, string>>;

/** The part of `environment` that may be recorded and given to a stack; sorted, so that records can be compared. */
export function stackEnvironment(environment: Readonly<Record<string, string | undefined>>): Environment {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !foreign.test(entry[0]),
  );
  return Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
