"""Numbers as text, and tables of them."""
import statistics


def spread(values, scale=1.0, digits=2):
  """Median, and the range that the machine's noise gave it."""
  low, mid, high = (f(values) * scale for f in (min, statistics.median, max))
  return f'{mid:.{digits}f} ({low:.{digits}f}..{high:.{digits}f})'


def ratios(ours, theirs):
  """One ratio a round: what disturbed a round disturbed both."""
  return [a / b for a, b in zip(ours, theirs) if b > 0]


def show(title, head, rows, note=None):
  rows = [[str(cell) for cell in row] for row in rows]
  widths = [max([len(head[i])] + [len(row[i]) for row in rows if i < len(row)])
            for i in range(len(head))]
  print(f'\n## {title}\n')
  print(line(head, widths))
  print('|' + '|'.join('-' * (width + 2) for width in widths) + '|')
  for row in rows:
    print(line(row + [''] * (len(head) - len(row)), widths))
  if note:
    print(f'\n{note}')


def line(cells, widths):
  texts = [cell.ljust(width) if i == 0 else cell.rjust(width)
           for i, (cell, width) in enumerate(zip(cells, widths))]
  return '| ' + ' | '.join(texts) + ' |'
