import { IconBuildingStore, IconSnowflake } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { arrivalsQuery } from '../../api/queries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { Loaded } from '../../ui/StateView.tsx';
import { columnsOf, shortId, type OrderItem } from './items.ts';
import { Moves } from './Moves.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import { isOf, type Person } from './people.ts';

export interface PharmacyPanelProps {
  place: string;
  plugin: string;
  person: Person | undefined;
}

/** The order board of the pharmacy. */
export function PharmacyPanel({ place, plugin, person }: PharmacyPanelProps) {
  const { t, number } = useWords();
  const orders = useQuery(arrivalsQuery(place));
  return (
    <PanelFrame
      name="pharmacy"
      title={t('sandbox.panels.pharmacy')}
      subtitle={t('sandbox.orders.board')}
      Shape={IconBuildingStore}
      plugin={plugin}
    >
      <Loaded query={orders}>
        {(all) => (
          <div className="board" tabIndex={0} role="group" aria-label={t('sandbox.orders.board')}>
            {columnsOf(all as OrderItem[]).map(({ name, orders: inside }) => (
              <section
                key={name}
                className="board-column"
                aria-label={t(`sandbox.orders.column.${name}`)}
              >
                <h3>
                  {t(`sandbox.orders.column.${name}`)}
                  <span className="mut num">{number(inside.length)}</span>
                </h3>
                {inside.map((order) => (
                  <OrderCard
                    key={order.id}
                    place={place}
                    order={order}
                    isTheirs={person !== undefined && isOf(person, order.subject)}
                  />
                ))}
              </section>
            ))}
          </div>
        )}
      </Loaded>
      {orders.data?.length === 0 ? (
        <p className="panel-foot mut sm">{t('sandbox.orders.empty')}</p>
      ) : null}
    </PanelFrame>
  );
}

interface OrderCardProps {
  place: string;
  order: OrderItem;
  isTheirs: boolean;
}

function OrderCard({ place, order, isTheirs }: OrderCardProps) {
  const { t, number, moment } = useWords();
  const { id, to, medication, quantity, daysSupply, isCold, shipments, state = '', reason } = order;
  const last = shipments.at(-1);
  const amounts = [
    ...(daysSupply === null ? [] : [t('sandbox.orders.days', { count: daysSupply })]),
    ...(quantity === null ? [] : [`× ${number(quantity)}`]),
  ];
  const isUnusual = !['received', 'packed', 'shipped', 'delivered'].includes(state);
  const isMoving = last?.status === 'in-progress' && last.expectedAt !== undefined;
  return (
    <article className="order" data-theirs={isTheirs} aria-label={`${to}, ${medication}`}>
      <div className="row">
        <b className="grow cut">{to}</b>
        <span className="mono mut" title={id}>
          {shortId(id)}
        </span>
      </div>
      <div className="sm sec">{medication}</div>
      <div className="sm mut num">{amounts.join(' · ')}</div>
      <div className="row wrap tags">
        {isUnusual ? (
          <span className={`tag ${order.moves?.length ? 'warn' : 'bad'}`}>
            {t(`sandbox.orders.state.${state}`, { defaultValue: state })}
          </span>
        ) : null}
        {isCold ? (
          <span className="tag accent" title={t('sandbox.orders.cold')}>
            <IconSnowflake size={13} aria-hidden />
            {last?.celsius === undefined ? t('sandbox.orders.cold') : `${number(last.celsius)} °C`}
          </span>
        ) : null}
        {order.replaces === undefined ? null : (
          <span className="tag" title={order.replaces}>
            {t('sandbox.orders.replaces', { id: shortId(order.replaces) })}
          </span>
        )}
      </div>
      {isMoving ? (
        <div className="xs mut">
          {t('sandbox.orders.expected', { time: moment(last.expectedAt ?? '') })}
        </div>
      ) : null}
      {reason === undefined ? null : <div className="xs bad-text">{reason}</div>}
      <Moves key={state} place={place} item={order} harmInMenu />
    </article>
  );
}
