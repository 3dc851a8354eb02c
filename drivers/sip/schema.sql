-- subscribers.sqlite: whom the edge knows. Kamailio 5.6 reads it, only the gateway writes it (on Provision).
-- Column names and table versions are Kamailio's own (auth_db, permissions, htable). Safe to run again.

CREATE TABLE IF NOT EXISTS version (
    table_name TEXT NOT NULL PRIMARY KEY,
    table_version INTEGER NOT NULL DEFAULT 0
);
INSERT OR IGNORE INTO version VALUES ('subscriber', 7), ('address', 6), ('htable', 2), ('dispatcher', 4);

-- Extensions that may register and call; looked up at every request, so a commit is in force at once.
CREATE TABLE IF NOT EXISTS subscriber (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,          -- the extension's number
    domain TEXT NOT NULL DEFAULT '',        -- not used
    ha1 TEXT NOT NULL                       -- MD5(number:realm:secret) in hex; the secret itself is nowhere here
);

-- Networks by what they are for; kept in Kamailio's memory, so say reload() after a change.
CREATE TABLE IF NOT EXISTS address (
    id INTEGER PRIMARY KEY,
    grp INTEGER NOT NULL DEFAULT 1,         -- 1: a trunk's; 2: the LAN, which the flood guard spares;
                                            -- 3: a trunk's whose requests come by TLS alone
    ip_addr TEXT NOT NULL,                  -- network address; names are resolved before they come here
    mask INTEGER NOT NULL DEFAULT 32,       -- prefix length; 128 for a single IPv6 address
    port INTEGER NOT NULL DEFAULT 0,        -- 0: any
    tag TEXT NOT NULL DEFAULT ''            -- the trunk's name; several with commas where they share it
);

-- Single values; kept in Kamailio's memory, so say reload() after a change. key_name 'realm': the digest realm;
-- 'tls:HOST:PORT' and 'forward:TAG' (of addresses): where a carrier is met that speaks TLS, a URI on the loopback.
CREATE TABLE IF NOT EXISTS settings (
    id INTEGER PRIMARY KEY,
    key_name TEXT NOT NULL UNIQUE,
    key_type INTEGER NOT NULL DEFAULT 0,    -- htable: 0 a plain item
    value_type INTEGER NOT NULL DEFAULT 0,  -- htable: 0 a string
    key_value TEXT NOT NULL DEFAULT '',
    expires INTEGER NOT NULL DEFAULT 0      -- htable: 0 never
);
INSERT OR IGNORE INTO settings (key_name, key_value) VALUES ('realm', 'busyhour');

-- Trunks that are asked whether they are there; a set each, in the trunks' order. Say reload() after a change.
CREATE TABLE IF NOT EXISTS dispatcher (
    id INTEGER PRIMARY KEY,
    setid INTEGER NOT NULL DEFAULT 0,
    destination TEXT NOT NULL DEFAULT '',
    flags INTEGER NOT NULL DEFAULT 0,
    priority INTEGER NOT NULL DEFAULT 0,
    attrs TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT ''
);

-- A LAN is private (RFC 1918, 4193) or link-local, until the owner says otherwise.
INSERT INTO address (grp, ip_addr, mask, tag)
    SELECT 2, lan.column1, lan.column2, 'lan' FROM (VALUES
        ('10.0.0.0', 8), ('172.16.0.0', 12), ('192.168.0.0', 16), ('169.254.0.0', 16), ('127.0.0.0', 8),
        ('fc00::', 7), ('fe80::', 10), ('::1', 128)) AS lan
    WHERE NOT EXISTS (SELECT 1 FROM address WHERE grp = 2);
