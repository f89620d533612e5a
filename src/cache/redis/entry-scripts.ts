// Each script touches the keys of one slot. An entry has its value and its lease in one; a cache has its clock, its recent invalidations and the
// stamps of its tags in another. The algorithm: an entry carries the stamps that its tags had before the source was read, and counts as long as they
// still stand; a load may store what it read as long as its lease stands.

/** How long those who wait can learn that a load failed, in milliseconds. */
const FAILED_FOR_MS = 1_000;
/** How long invalidations are remembered for loads that name their tags afterwards, in microseconds, and how many at most. */
const REMEMBERED_US = 600_000_000;
const REMEMBERED = 10_000;

/**
 * KEYS value lease | ARGV token leaseMs seen waitedFor. A lease is the token of its holder; behind a `!`, that of one whose load failed, and why.
 */
export const LEASE: string = `
local id = redis.call('GETRANGE', KEYS[1], 0, 15)
if id ~= '' and id ~= ARGV[3] then return {'refreshed'} end
local lease = redis.call('GET', KEYS[2])
if lease and lease:sub(1, 1) ~= '!' then return {'taken', lease, redis.call('PTTL', KEYS[2])} end
if lease and lease:sub(2, 17) == ARGV[4] then return {'failed', lease:sub(18)} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {'ours'}`;

/** KEYS lease | ARGV token leaseMs */
export const RENEW: string = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** KEYS value lease | ARGV token payload ttlMs */
export const FILL: string = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1`;

/** KEYS value lease | ARGV payload ttlMs channel entry. What goes on loading is refused first, also where there is no room for the value. */
export const SET: string = `
redis.call('UNLINK', KEYS[2])
redis.call('PUBLISH', ARGV[3], 'e' .. ARGV[4])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

/** KEYS value lease | ARGV channel entry */
export const DELETE: string = `
redis.call('UNLINK', KEYS[2])
redis.call('PUBLISH', ARGV[1], 'e' .. ARGV[2])
return redis.call('UNLINK', KEYS[1])`;

/** KEYS lease | ARGV token reason, which is empty where nothing failed */
export const RELEASE: string = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], '!' .. ARGV[1] .. ARGV[2], 'PX', ${FAILED_FOR_MS})
return 1`;

/** The clock goes on although the server's own is put back, as long as it is not evicted. */
const TICK = `
local time = redis.call('TIME')
local clock = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') + 1, time[1] * 1000000 + time[2])
local text = string.format('%.0f', clock)`;

/**
 * KEYS clock recent stamp... | ARGV ttlMs nonce since, which is empty before a load. What cannot be known is refused: the recent invalidations have a
 * floor, under the empty name, and without it they were evicted.
 */
export const CAPTURE: string = `${TICK}
if ARGV[3] ~= '' then
  local since = tonumber(ARGV[3])
  local floor = redis.call('ZSCORE', KEYS[2], '')
  if not floor or tonumber(floor) > since then return false end
  for i = 3, #KEYS do
    local at = redis.call('ZSCORE', KEYS[2], KEYS[i])
    if at and tonumber(at) > since then return false end
  end
end
redis.call('SET', KEYS[1], text)
if not redis.call('ZSCORE', KEYS[2], '') then redis.call('ZADD', KEYS[2], text, '') end
local out = {text}
for i = 3, #KEYS do
  local stamp = redis.call('GET', KEYS[i])
  if not stamp then
    stamp = text .. '-' .. ARGV[2]
    redis.call('SET', KEYS[i], stamp, 'PX', ARGV[1])
  elseif redis.call('PTTL', KEYS[i]) < tonumber(ARGV[1]) then
    redis.call('PEXPIRE', KEYS[i], ARGV[1])
  end
  out[#out + 1] = stamp
end
return out`;

/**
 * KEYS clock recent stamp... | ARGV channel message. The stamps go first, which works without memory too; when the rest does not, what is
 * remembered goes as well, so that nothing is taken for certain.
 */
export const INVALIDATE: string = `
redis.call('UNLINK', unpack(KEYS, 3))
redis.call('PUBLISH', ARGV[1], ARGV[2])${TICK}
local set = redis.pcall('SET', KEYS[1], text)
if set.err then
  redis.call('UNLINK', KEYS[2])
  return 0
end
if redis.call('ZSCORE', KEYS[2], '') then
  for i = 3, #KEYS do redis.call('ZADD', KEYS[2], text, KEYS[i]) end
  local cut = clock - ${REMEMBERED_US}
  if redis.call('ZCARD', KEYS[2]) > ${REMEMBERED} then
    local middle = redis.call('ZRANGE', KEYS[2], ${REMEMBERED / 2}, ${REMEMBERED / 2}, 'WITHSCORES')
    cut = math.max(cut, tonumber(middle[2]))
  end
  if tonumber(redis.call('ZSCORE', KEYS[2], '')) < cut then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. string.format('%.0f', cut))
    redis.call('ZADD', KEYS[2], string.format('%.0f', cut), '')
  end
end
return 1`;
