/** A client that asks a service all the time and writes down when it answered well, to the fraction of a millisecond. */
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 3;

export class Answers {
  /** performance.now() of the first good answer after a bad one, and how long it was since the last good one: ms. */
  firstGood = 0;
  gapMs = 0;
  #lastGood = 0;
  #good = false;
  #ended = false;
  readonly #loop: Promise<void>;

  constructor(url: string) {
    this.#loop = this.#ask(url);
  }

  async #ask(url: string): Promise<void> {
    while (!this.#ended) {
      const good = await answersWell(url);
      const now = performance.now();
      if (good && !this.#good) {
        this.firstGood = now;
        this.gapMs = now - this.#lastGood;
      }
      if (good) this.#lastGood = now;
      this.#good = good;
      await sleep(everyMs);
    }
  }

  /** Bounded. */
  async until(good: boolean, timeoutMs = 30_000): Promise<void> {
    for (const end = performance.now() + timeoutMs; this.#good !== good; await sleep(everyMs))
      if (performance.now() > end) throw new Error(`no ${good ? 'good' : 'bad'} answer in ${timeoutMs} ms`);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#loop;
  }
}

const answersWell = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = get(url, { agent: false, timeout: 1_000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
  });
