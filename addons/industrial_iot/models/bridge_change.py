from odoo import api, models


class IiotBridgeChange(models.Model):
    """Journal of what the bridge must hear of: for each record, the last transaction that changed it.

    A cursor into it is a snapshot of the database (``txid_current_snapshot``): what was committed when it was taken is
    known to the reader, whatever else there is now is new to him. So each change is told at least once, however long
    its transaction took, and no clock has a say in it.
    """

    _name = "iiot.bridge.change"
    _description = "Change for the IIoT bridge"
    # The ORM has no 64-bit integers, and would update rows one transaction at a time.
    _auto = False
    _log_access = False

    def init(self):
        self.env.cr.execute("""
            CREATE TABLE IF NOT EXISTS iiot_bridge_change (
                id bigserial PRIMARY KEY,
                kind varchar NOT NULL,
                code varchar NOT NULL,
                res_id integer,
                txid bigint NOT NULL,
                UNIQUE (kind, code)
            );
            CREATE INDEX IF NOT EXISTS iiot_bridge_change_txid_index ON iiot_bridge_change (txid);
        """)

    @api.model
    def _note(self, kind, codes):
        """Note that records have changed, in the transaction that changes them.

        Args:
            kind: Kind of record, such as "device".
            codes: Ids of the records in Odoo by those at the bridge; None for a record that is gone.
        """
        # Always in the same order, so that no two transactions wait for each other.
        rows = sorted(codes.items())
        self.env.cr.execute(
            """
            INSERT INTO iiot_bridge_change (kind, code, res_id, txid)
            SELECT %s, code, res_id, txid_current() FROM unnest(%s::varchar[], %s::int[]) AS changed (code, res_id)
            ON CONFLICT (kind, code) DO UPDATE SET res_id = EXCLUDED.res_id, txid = EXCLUDED.txid
            """,
            (kind, [code for code, _res_id in rows], [res_id for _code, res_id in rows]),
        )

    @api.model
    def _snapshot(self):
        """Return the snapshot that this transaction sees, as text."""
        self.env.cr.execute("SELECT txid_current_snapshot()::text")
        return self.env.cr.fetchone()[0]

    @api.model
    def _since(self, snapshot, after, limit):
        """Return rows (id, kind, code, res_id) that a reader has not seen, in order.

        Args:
            snapshot: What the reader has seen; None for nothing, and then what is gone is of no interest.
            after: Id of the last row of the page before.
            limit: How many at most.
        """
        if snapshot is None:
            self.env.cr.execute(
                """
                SELECT id, kind, code, res_id FROM iiot_bridge_change
                 WHERE res_id IS NOT NULL AND id > %s ORDER BY id LIMIT %s
                """,
                (after, limit),
            )
            return self.env.cr.fetchall()
        # The first condition says nothing that the second does not, but there is an index for it.
        self.env.cr.execute(
            """
            SELECT id, kind, code, res_id FROM iiot_bridge_change
             WHERE txid >= txid_snapshot_xmin(%(seen)s::txid_snapshot)
               AND NOT txid_visible_in_snapshot(txid, %(seen)s::txid_snapshot)
               AND id > %(after)s ORDER BY id LIMIT %(limit)s
            """,
            {"seen": snapshot, "after": after, "limit": limit},
        )
        return self.env.cr.fetchall()

    @api.model
    def _database(self):
        """Return what tells this database from a copy of it."""
        self.env.cr.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        return self.env.cr.fetchone()[0]

    @api.model
    def _is_past(self, snapshot, now):
        """Tell whether a snapshot could have been taken here: after a restore, transactions count anew."""
        if not isinstance(snapshot, str):
            return False
        try:
            return int(snapshot.split(":")[1]) <= int(now.split(":")[1])
        except (ValueError, IndexError):
            return False
