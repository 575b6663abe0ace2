import { TextInput } from '@mantine/core';
import {
  IconAlertCircle,
  IconArrowUp,
  IconBattery3,
  IconHeartHandshake,
  IconPencilPlus,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { arrivalsQuery } from '../../api/queries.ts';
import type { SandboxItem } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Loaded } from '../../ui/StateView.tsx';
import {
  answerable,
  conversationsIn,
  daysOf,
  phoneOf,
  quickRepliesTo,
  sameAddress,
  type Conversation,
  type TextItem,
} from './items.ts';
import { Moves } from './Moves.tsx';
import { PlaysItself } from './PanelFrame.tsx';
import { isOf, type Person } from './people.ts';
import { useBegin, useMove } from './use-move.ts';

/** The phone of the chosen person; of whom we texted last when nobody is chosen. */
export function PhonePanel({ place, person }: { place: string; person: Person | undefined }) {
  const { t } = useWords();
  const texts = useQuery(arrivalsQuery(place));
  return (
    <section className="phone" data-panel="phone" aria-label={t('sandbox.panels.phone')}>
      <Loaded query={texts}>
        {(items: SandboxItem[]) => {
          const mine = (items as TextItem[]).filter(
            (text) => person === undefined || isOf(person, phoneOf(text)),
          );
          const [latest] = conversationsIn(mine);
          const own = person && isPhone(person.to) ? person.to : undefined;
          const phone = latest?.phone ?? own ?? phoneAmong(person);
          return (
            <Screen
              key={phone ?? 'none'}
              place={place}
              conversation={{ phone: phone ?? '', texts: latest?.texts ?? [] }}
              person={person}
            />
          );
        }}
      </Loaded>
    </section>
  );
}

const isPhone = (address: string): boolean => /^\+?\d[\d\s-]{5,}$/.test(address);

/** A phone that is known to be theirs though nothing came to it. */
function phoneAmong(person: Person | undefined): string | undefined {
  const digits = [...(person?.addresses ?? [])].find((address) => /^\d{6,}$/.test(address));
  return digits === undefined ? undefined : `+${digits}`;
}

interface ScreenProps {
  place: string;
  conversation: Conversation;
  person: Person | undefined;
}

function Screen({ place, conversation, person }: ScreenProps) {
  const { t, clock, day } = useWords();
  const list = useRef<HTMLDivElement>(null);
  const { texts, phone } = conversation;
  const last = texts.at(-1);
  const sender = texts.findLast(({ direction }) => direction === 'out')?.from;
  const [isNew, setNew] = useState(false);
  const seen = `${last?.id ?? ''} ${last?.state ?? ''}`;
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [seen]);
  const today = new Date().toDateString();
  return (
    <>
      <div className="phone-bar" aria-hidden>
        <b className="num">{clock(Date.now())}</b>
        <IconBattery3 size={16} />
      </div>
      <header>
        <span className="phone-face">
          <IconHeartHandshake size={18} aria-hidden />
        </span>
        <h2 className="cut">{sender ?? t('sandbox.phone.name')}</h2>
        <span className="xs mut num cut">
          {isNew
            ? t('sandbox.phone.other')
            : person && phone !== ''
              ? `${person.label} · ${phone}`
              : phone}
        </span>
        <PlaysItself plugin="sms" title={t('sandbox.panels.phone')} />
      </header>
      <div
        className="phone-list"
        ref={list}
        tabIndex={0}
        role="log"
        aria-label={t('sandbox.phone.log')}
      >
        {texts.length === 0 || isNew ? (
          <p className="phone-empty mut">
            {t(phone === '' || isNew ? 'sandbox.phone.empty' : 'sandbox.phone.nothing')}
          </p>
        ) : (
          daysOf(texts).map(({ at, texts: inside }) => (
            <div key={at} className="phone-day">
              <h3>{new Date(at).toDateString() === today ? t('sandbox.today') : day(at)}</h3>
              {inside.map((text) => (
                <Bubble key={text.id} text={text} place={place} isLast={text === last} />
              ))}
            </div>
          ))
        )}
      </div>
      <Composer
        key={String(isNew)}
        place={place}
        conversation={isNew || phone === '' ? undefined : conversation}
        onOther={() => setNew(!isNew)}
        isOther={isNew}
      />
    </>
  );
}

function Bubble({ text, place, isLast }: { text: TextItem; place: string; isLast: boolean }) {
  const { t, clock } = useWords();
  const { direction, state = '', parts, encoding, moves = [] } = text;
  const isOpen = moves.length > 0 && moves.every(({ type }) => type !== 'reply');
  const facts = [
    clock(text.at ?? ''),
    encoding,
    ...(parts > 1 ? [t('sandbox.phone.parts', { count: parts })] : []),
  ];
  return (
    <div className="bubble-row" data-from={direction === 'in' ? 'me' : 'them'}>
      <p className="bubble" data-state={state}>
        {text.text}
      </p>
      <span className="bubble-facts num">
        {facts.join(' · ')}
        {direction === 'in' ? <Sent state={state} isLast={isLast} /> : null}
      </span>
      {state === 'undelivered' || state === 'cancelled' ? (
        <span className="st bad xs">
          <IconAlertCircle size={12} aria-hidden />
          {t(`sandbox.phone.${state}`)}
        </span>
      ) : null}
      {isOpen ? (
        <>
          <span className="xs mut">{t('sandbox.phone.off')}</span>
          <Moves key={state} place={place} item={text} />
        </>
      ) : null}
    </div>
  );
}

/** Whether what a person wrote has been read by us. */
function Sent({ state, isLast }: { state: string; isLast: boolean }) {
  const { t } = useWords();
  if (!isLast) return null;
  return <> · {t(state === 'delivered' ? 'sandbox.phone.read' : 'sandbox.phone.sending')}</>;
}

interface ComposerProps {
  place: string;
  /** Undefined: somebody writes from a number that is still to be said. */
  conversation: Conversation | undefined;
  isOther: boolean;
  onOther: () => void;
}

/** Where the person answers, or writes by themselves when there is nothing to answer. */
function Composer({ place, conversation, isOther, onOther }: ComposerProps) {
  const { t, text: textOf } = useWords();
  const [words, setWords] = useState('');
  const [number, setNumber] = useState('');
  const move = useMove(place);
  const begin = useBegin(place);
  const asked = conversation && answerable(conversation);
  const from = conversation?.phone ?? number.trim();
  const isPending = move.isPending || begin.isPending;
  const fault = move.error ?? begin.error;
  const send = (text: string): void => {
    move.reset();
    begin.reset();
    const onSuccess = (): void => {
      setWords('');
      if (isOther) onOther();
    };
    if (asked) move.mutate({ id: asked.id, deed: { type: 'reply', text } }, { onSuccess });
    else begin.mutate({ type: 'write', from, text }, { onSuccess });
  };
  return (
    <div className="phone-foot">
      {asked ? (
        <div className="row wrap" role="group" aria-label={t('sandbox.phone.quick')}>
          {quickRepliesTo(asked).map((one) =>
            'words' in one ? (
              <button
                key={one.words}
                type="button"
                className="tag accent"
                disabled={isPending}
                onClick={() => send(one.words)}
              >
                {one.words}
              </button>
            ) : (
              <button
                key={one.move.type}
                type="button"
                className={`tag ${one.move.harm === true ? 'bad' : 'accent'}`}
                disabled={isPending}
                onClick={() => move.mutate({ id: asked.id, deed: { type: one.move.type } })}
              >
                {textOf(one.move.title)}
              </button>
            ),
          )}
          <span className="xs mut end">{t('sandbox.phone.quick')}</span>
        </div>
      ) : null}
      {conversation ? null : (
        <TextInput
          aria-label={t('sandbox.phone.number')}
          placeholder="+886 912 345 678"
          type="tel"
          value={number}
          onChange={(event) => setNumber(event.currentTarget.value)}
        />
      )}
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (words.trim() !== '' && sameAddress(from) !== '' && !isPending) send(words.trim());
        }}
      >
        <IconButton
          label={t(isOther ? 'sandbox.phone.back' : 'sandbox.phone.writeAs')}
          aria-pressed={isOther}
          onClick={onOther}
        >
          <IconPencilPlus size={16} aria-hidden />
        </IconButton>
        <TextInput
          className="grow"
          radius="xl"
          aria-label={t(asked ? 'sandbox.phone.answer' : 'sandbox.phone.write')}
          placeholder={t(asked ? 'sandbox.phone.answer' : 'sandbox.phone.write')}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <button
          type="submit"
          className="btn primary square round"
          aria-label={t('sandbox.phone.send')}
          disabled={words.trim() === '' || from === '' || isPending}
        >
          <IconArrowUp size={16} aria-hidden />
        </button>
      </form>
      {fault ? (
        <p className="hint bad" role="alert">
          {fault.message}
        </p>
      ) : null}
    </div>
  );
}
