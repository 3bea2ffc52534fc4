// Who lives in the demo town that the tests run against; `.ci/browser` writes the file when it starts the town.
import { readFileSync } from 'node:fs';

export type Resident = { story: string; name: string; email: string; password: string; accounts: string[] };
export type Employee = { name: string; email: string; password: string };
export type Unclaimed = { account: string; bill: string; postcode: string };
export type Town = {
  portal: string;
  assist: string;
  pay: string;
  residents: Resident[];
  staff: Employee[];
  unclaimed: Unclaimed[];
};

export const town: Town = JSON.parse(readFileSync(process.env.TOWN ?? '../target/e2e/town.json', 'utf8'));

export function resident(story: string): Resident {
  const found = town.residents.find((r) => r.story === story);
  if (!found) throw new Error(`nobody in town has the story «${story}»: ${town.residents.map((r) => r.story).join(', ')}`);
  return found;
}
