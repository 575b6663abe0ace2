/** What is to happen, at an instant. */
export interface AgendaItem<Item> {
  at: number;
  item: Item;
}

/** Things to happen, the earliest first; at the same instant in the order in which they were added. */
export interface Agenda<Item> {
  add(at: number, item: Item): void;
  peek(): AgendaItem<Item> | undefined;
  take(): AgendaItem<Item> | undefined;
}

/** An empty agenda. One person's is short, so a sorted list is enough. */
export function createAgenda<Item>(): Agenda<Item> {
  const items: AgendaItem<Item>[] = []; // the earliest last: taking it moves nothing
  return {
    add(at, item) {
      const added = { at, item };
      let place = items.push(added) - 1;
      for (let later = items[place - 1]; later && later.at <= at; later = items[place - 1]) {
        items[place] = later;
        place -= 1;
      }
      items[place] = added;
    },
    peek: () => items.at(-1),
    take: () => items.pop(),
  };
}
