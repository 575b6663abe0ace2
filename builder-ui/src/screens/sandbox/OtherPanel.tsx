import { IconPlug } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { arrivalsQuery, useManifests } from '../../api/queries.ts';
import type { SandboxItem } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Empty, Loaded } from '../../ui/StateView.tsx';
import { Moves } from './Moves.tsx';
import { PanelFrame } from './PanelFrame.tsx';

const drawn = ['id', 'to', 'at', 'state', 'moves'];

/** The outside world of a plugin of one's own: its things with their fields, and what can be done with each. */
export function OtherPanel({ place, plugin }: { place: string; plugin: string }) {
  const { t, text } = useWords();
  const items = useQuery(arrivalsQuery(place));
  const name = useManifests().find(({ id }) => id === plugin)?.name;
  return (
    <PanelFrame name={place} title={text(name) || plugin} Shape={IconPlug} plugin={plugin}>
      <Loaded query={items}>
        {(all) =>
          all.length === 0 ? (
            <Empty>{t('sandbox.other.empty')}</Empty>
          ) : (
            <ul className="panel-scroll">
              {all.map((item) => (
                <OtherLine key={item.id} place={place} item={item} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </PanelFrame>
  );
}

function OtherLine({ place, item }: { place: string; item: SandboxItem }) {
  const { moment } = useWords();
  const fields = Object.entries(item).filter(([name]) => !drawn.includes(name));
  return (
    <li className="other-item">
      <div className="row">
        <b className="grow cut">{item.to}</b>
        {item.state === undefined ? null : <span className="tag">{item.state}</span>}
        <span className="xs mut num">{item.at === undefined ? '' : moment(item.at)}</span>
      </div>
      <dl className="kv sm">
        {fields.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
      <Moves key={item.state ?? ''} place={place} item={item} />
    </li>
  );
}
