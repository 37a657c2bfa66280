/** The posterior in numbers. */
import { percent, short } from "../draw/format.js";
import { contraction } from "../draw/words.js";
import { answer, card, level, truth } from "../state/store.js";

export function Table() {
  const [opened, shown] = [card.value, answer.value];
  if (opened === undefined || shown === undefined) return null;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="posterior in numbers">
      <table>
        <thead>
          <tr>
            <th scope="col">parameter</th>
            {truth.value !== undefined && <th scope="col">truth</th>}
            <th scope="col">mean</th>
            <th scope="col">sd</th>
            <th scope="col" colSpan={2}>
              {percent(level.value)} interval
            </th>
            <th scope="col">against the prior</th>
          </tr>
        </thead>
        <tbody>
          {shown.names.map((name, k) => (
            <tr key={name} data-row={name}>
              <th scope="row">{name}</th>
              {truth.value !== undefined && <td>{short(truth.value[k] ?? NaN)}</td>}
              {([shown.mean, shown.sd, shown.lower, shown.upper] as const).map((values, i) => (
                <td key={i} data-value={String(values[k])}>
                  {short(values[k] ?? NaN)}
                </td>
              ))}
              <td>{contraction(opened, shown, k)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
