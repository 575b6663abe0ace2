// Lists, a page at a time.

export interface Page<Item> {
  items: Item[];
  nextCursor?: string;
}

export interface PageRequest {
  limit: number;
  cursor?: string;
}
