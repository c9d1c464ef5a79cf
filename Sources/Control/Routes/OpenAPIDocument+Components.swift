extension OpenAPIDocument {
    /// What the paths refer to: parameters, answers and schemas; with it the document ends.
    static let components = #"""
          "components": {
            "requestBodies": {
              "DeadHours": {"required": true, "content": {"application/json": {"schema": {"type": "object",
                "additionalProperties": false, "required": ["reason"], "properties": {
                  "tenant": {"type": ["string", "null"]}, "meter": {"type": ["string", "null"]},
                  "hour": {"type": ["string", "null"], "description": "Its start"},
                  "all": {"type": "boolean", "description": "Required where none of the three is given"},
                  "after": {"type": ["string", "null"], "description": "The next of the answer before"},
                  "reason": {"type": "string"}}}}}}
            },
            "parameters": {
              "after": {"name": "after", "in": "query", "description": "What the page before gave as next",
                "schema": {"type": "string"}},
              "limit": {"name": "limit", "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}},
              "since": {"name": "since", "in": "query", "description": "From then on: RFC 3339, or a date",
                "schema": {"type": "string"}},
              "until": {"name": "until", "in": "query", "description": "Before then: RFC 3339, or a date",
                "schema": {"type": "string"}},
              "action": {"name": "action", "in": "query", "description": "How the action begins: tenant",
                "schema": {"type": "string"}},
              "tenant": {"name": "id", "in": "path", "required": true, "schema": {
                "type": "string", "pattern": "^[A-Za-z0-9._:@-]{1,128}$"}}
            },
            "responses": {
              "SettledHours": {"description": "Those that were", "content": {"application/json": {"schema": {
                "type": "object", "required": ["next"], "properties": {
                  "retried": {"type": "array", "items": {"$ref": "#/components/schemas/DeadHour"}},
                  "dropped": {"type": "array", "description": "dropped of each: the units that were written off",
                    "items": {"$ref": "#/components/schemas/DeadHour"}},
                  "next": {"$ref": "#/components/schemas/Next"}}}}}},
              "Problem": {"description": "A problem", "content": {"application/problem+json": {"schema": {
                "$ref": "#/components/schemas/Problem"}}}},
              "Audit": {"description": "A page", "content": {"application/json": {"schema": {
                "type": "object", "required": ["entries", "next", "place"], "properties": {
                  "entries": {"type": "array", "items": {"$ref": "#/components/schemas/AuditEntry"}},
                  "next": {"$ref": "#/components/schemas/Next"},
                  "place": {"type": "string", "description": "How far it has come: after, for what comes later"}}}}}},
              "TenantDetail": {"description": "The tenant", "content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/TenantDetail"}}}}
            },
            "schemas": {
              "Next": {"type": ["string", "null"], "description": "The next page comes after it; null at the end"},
              "Time": {"type": ["string", "null"], "format": "date-time"},
              "Problem": {"type": "object", "required": ["type", "title", "status", "detail", "code"], "properties": {
                "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                "detail": {"type": "string"}, "code": {"type": "string"}}},
              "Tenant": {"type": "object", "required": ["id", "plan"], "properties": {
                "id": {"type": "string"}, "version": {"type": "string"}, "plan": {"type": ["string", "null"]},
                "customer": {"type": ["string", "null"]}, "subscription": {"type": ["string", "null"]},
                "status": {"type": ["string", "null"]}, "period_start": {"$ref": "#/components/schemas/Time"},
                "period_end": {"$ref": "#/components/schemas/Time"},
                "limits": {"type": "object", "additionalProperties": {"type": "integer"}},
                "overrides": {"type": "array", "items": {"$ref": "#/components/schemas/Override"}},
                "restricted": {"type": ["string", "null"]},
                "restriction": {"type": ["object", "null"], "properties": {
                  "reason": {"type": "string"}, "until": {"$ref": "#/components/schemas/Time"},
                  "expired": {"type": "boolean"}, "by": {"type": ["string", "null"]},
                  "set_at": {"$ref": "#/components/schemas/Time"}}},
                "created_at": {"$ref": "#/components/schemas/Time"}}},
              "TenantDetail": {"allOf": [{"$ref": "#/components/schemas/Tenant"}, {"type": "object", "properties": {
                "entitlement": {"type": "object", "properties": {
                  "access": {"enum": ["ok", "unknown_tenant", "restricted", "no_subscription"]},
                  "plan": {"type": ["string", "null"]},
                  "features": {"type": "array", "items": {"type": "string"}}}},
                "grants": {"type": "array", "items": {"$ref": "#/components/schemas/Grant"}},
                "granted": {"type": "string", "description": "The grant just given"},
                "note": {"type": ["string", "null"], "description": "What to know of it"},
                "meters": {"type": "array", "items": {"$ref": "#/components/schemas/Usage"}}}}]},
              "Override": {"type": "object", "properties": {
                "meter": {"type": "string"}, "value": {"type": "integer", "description": "-1: unlimited"},
                "until": {"$ref": "#/components/schemas/Time"}, "expired": {"type": "boolean"},
                "by": {"type": ["string", "null"]}, "reason": {"type": ["string", "null"]},
                "set_at": {"$ref": "#/components/schemas/Time"}}},
              "Grant": {"type": "object", "properties": {
                "id": {"type": "string"}, "meter": {"type": "string"}, "units": {"type": "integer"},
                "left": {"type": "integer", "description": "What is not drawn yet"},
                "state": {"enum": ["active", "expired", "revoked"]},
                "given_at": {"$ref": "#/components/schemas/Time"}, "expires": {"$ref": "#/components/schemas/Time"},
                "revoked_at": {"$ref": "#/components/schemas/Time"}, "by": {"type": "string"},
                "reason": {"type": "string"}}},
              "Reason": {"type": "object", "additionalProperties": false, "properties": {
                "reason": {"type": "string"}}},
              "Usage": {"type": "object", "properties": {
                "meter": {"type": "string"}, "kind": {"enum": ["counter", "rate", "level", "concurrency"]},
                "per": {"type": ["string", "null"]}, "unit": {"type": ["string", "null"]},
                "used": {"type": "integer"}, "limit": {"type": "integer", "description": "-1: unlimited"},
                "granted": {"type": "integer", "description": "How much of the limit is from grants"},
                "mode": {"enum": ["hard", "overage", "shadow"]}, "cap": {"type": ["integer", "null"]},
                "burst": {"type": ["integer", "null"]}, "percent": {"type": ["number", "null"]},
                "reserved": {"type": "integer", "description": "What open reservations hold; not in used"},
                "overage": {"type": "integer", "description": "What is used past the limit"},
                "projected": {"type": ["integer", "null"],
                  "description": "What a counter will have used at its period's end if it goes on like this"},
                "resets_at": {"$ref": "#/components/schemas/Time"},
                "cost": {"type": ["object", "null"], "description": "What it is shown to cost", "properties": {
                  "amount": {"type": "integer", "description": "In minor units, rounded half up"},
                  "currency": {"type": "string"}, "per": {"type": "integer", "description": "Units that cost price"},
                  "price": {"type": "integer"}}},
                "gigabytes": {"type": ["object", "null"], "description": "Of 2^30 bytes, with two decimals",
                  "properties": {"used": {"type": "number"}, "limit": {"type": "number"},
                    "percent": {"type": ["number", "null"]}}},
                "period_start": {"$ref": "#/components/schemas/Time"},
                "period_end": {"$ref": "#/components/schemas/Time"}}},
              "UsageSummary": {"type": "object", "required": ["tenant", "plan", "period", "as_of", "meters"],
                "properties": {
                  "tenant": {"type": "string"}, "plan": {"type": ["string", "null"]},
                  "plan_name": {"type": ["string", "null"]},
                  "access": {"enum": ["ok", "restricted", "no_subscription"]},
                  "period": {"type": "object", "description": "The billing period", "properties": {
                    "start": {"$ref": "#/components/schemas/Time"}, "end": {"$ref": "#/components/schemas/Time"},
                    "resets_at": {"$ref": "#/components/schemas/Time"}}},
                  "as_of": {"$ref": "#/components/schemas/Time"},
                  "meters": {"type": "array", "items": {"$ref": "#/components/schemas/Usage"}}}},
              "Explanation": {"type": "object", "required": ["tenant", "plan", "access", "meters", "gate"],
                "properties": {
                  "tenant": {"type": "string"}, "as_of": {"$ref": "#/components/schemas/Time"},
                  "record": {"anyOf": [{"$ref": "#/components/schemas/Tenant"}, {"type": "null"}]},
                  "plan": {"type": "object", "properties": {"slug": {"type": ["string", "null"]},
                    "from": {"enum": ["record", "default_plan", "status_rule", "none"]}, "why": {"type": "string"}}},
                  "access": {"type": "object", "properties": {
                    "answer": {"enum": ["ok", "unknown_tenant", "restricted", "no_subscription"]},
                    "why": {"type": "string"}}},
                  "meters": {"type": "array", "items": {"$ref": "#/components/schemas/MeterExplanation"}},
                  "not_in_plan": {"type": "array", "items": {"type": "string"}},
                  "partition": {"type": "object", "description": "What Redis remembers of it, and since when"},
                  "gate": {"type": ["object", "null"], "description": "What this daemon's gate has in memory: leases",
                    "properties": {"holder": {"type": "string"}, "last_refusal": {"type": ["object", "null"]}}}}},
              "MeterExplanation": {"allOf": [{"$ref": "#/components/schemas/Usage"}, {"type": "object", "properties": {
                "in_plan": {"type": "boolean"}, "plan_limit": {"type": ["integer", "null"]},
                "override": {"anyOf": [{"$ref": "#/components/schemas/Override"}, {"type": "null"}]},
                "grants": {"type": "array", "items": {"$ref": "#/components/schemas/Grant"}},
                "limit_why": {"type": "string"},
                "period_from": {"type": ["string", "null"]}, "period_why": {"type": ["string", "null"]},
                "store": {"type": "object", "description": "What Redis has: used, and leased but not spent"},
                "holders": {"type": "array", "items": {"$ref": "#/components/schemas/HolderRow"}},
                "waiting": {"type": "array", "items": {"type": "object"}},
                "today": {"type": "array", "description": "The hours of this UTC day", "items": {"type": "object"}},
                "owed": {"type": "object",
                  "description": "Hours of 36 days with another total than Stripe acknowledged, and by how much"}}}]},
              "HolderRow": {"type": "object", "properties": {
                "holder": {"type": "string"}, "here": {"type": "boolean", "description": "Whether it is this daemon"},
                "granted": {"type": "integer"}, "returned": {"type": "integer"}, "spent": {"type": "integer"},
                "reserved": {"type": "integer"}, "unspent": {"type": "integer"}, "lasts": {"type": "boolean"},
                "reserved_until": {"$ref": "#/components/schemas/Time"},
                "lease_ends": {"$ref": "#/components/schemas/Time"},
                "heard_at": {"$ref": "#/components/schemas/Time"}}},
              "TenantChange": {"type": "object", "additionalProperties": false, "properties": {
                "plan": {"type": "string", "description": "Required for a new tenant"},
                "customer": {"type": ["string", "null"]}, "subscription": {"type": ["string", "null"]},
                "status": {"enum": ["active", "trialing", "past_due", "unpaid", "paused", "incomplete",
                  "incomplete_expired", "canceled", null]},
                "period_start": {"type": ["string", "null"], "description": "RFC 3339, or a date"},
                "period_end": {"type": ["string", "null"], "description": "RFC 3339, or a date"},
                "limits": {"type": "object", "additionalProperties": {"type": ["integer", "null"]}},
                "restricted": {"type": ["string", "null"], "description": "Why every call is refused"},
                "reason": {"type": ["string", "null"], "description": "Why it is changed, for the audit stream"}}},
              "AuditEntry": {"type": "object", "required": ["id", "time", "tenant", "action", "actor"], "properties": {
                "id": {"type": "string"}, "time": {"$ref": "#/components/schemas/Time"},
                "tenant": {"type": "string"}, "action": {"type": "string"},
                "actor": {"type": "string", "description": "uid:…, token:…, webhook:…, timer:… or gate:…"},
                "reason": {"type": ["string", "null"]}, "before": {"type": ["object", "string", "null"]},
                "after": {"type": ["object", "string", "null"]},
                "from": {"type": "string", "description": "The holder_id of the daemon that did it"}}},
              "WebhookEvent": {"type": "object", "properties": {
                "event": {"type": "string", "description": "Stripe's id of it"}, "type": {"type": "string"},
                "object": {"type": "string", "description": "What it is about"},
                "received_at": {"type": "string"}, "attempts": {"type": "integer"}, "state": {"type": "string"},
                "next_attempt_at": {"type": ["string", "null"]}, "reason": {"type": ["string", "null"]}}},
              "OwedHour": {"type": "object", "properties": {
                "tenant": {"type": "string"}, "meter": {"type": "string"}, "hour": {"type": "string"},
                "total": {"type": "integer"}, "acknowledged": {"type": "integer"}, "owed": {"type": "integer"},
                "state": {"enum": ["owed", "sending", "no_customer", "meter_unfit", "backing_off", "edge_not_past",
                  "no_key", "halted", "refused", "too_old", "late", "period_unknown", "no_item", "elsewhere",
                  "comparing", "credit", "dead"]},
                "detail": {"type": "string"}}},
              "DeadHour": {"type": "object", "properties": {
                "tenant": {"type": "string"}, "meter": {"type": "string"}, "hour": {"type": "string"},
                "total": {"type": "integer"}, "code": {"type": "string"},
                "message": {"type": "string", "description": "Stripe's own words"},
                "request": {"type": ["string", "null"], "description": "Stripe's id of the request"},
                "since": {"$ref": "#/components/schemas/Time"},
                "dropped": {"type": "integer", "description": "Units that were written off, where it was dropped"}}},
              "SetupItem": {"type": "object", "properties": {
                "kind": {"enum": ["meter", "price", "subscription"]}, "subject": {"type": "string"},
                "state": {"enum": ["ok", "create", "created", "conflict", "failed", "warning"]},
                "detail": {"type": "string"}, "id": {"type": ["string", "null"]}}},
              "ImportItem": {"type": "object", "properties": {
                "customer": {"type": "string"}, "tenant": {"type": ["string", "null"]},
                "subscription": {"type": ["string", "null"]}, "plan": {"type": ["string", "null"]},
                "state": {"enum": ["create", "created", "update", "updated", "unchanged", "conflict"]},
                "code": {"type": ["string", "null"], "description": "Of a conflict"}, "detail": {"type": "string"}}},
              "LeaseReading": {"type": "object", "properties": {
                "tenant": {"type": "string"}, "meter": {"type": "string"},
                "used": {"type": "integer", "description": "Of all holders, as far as this one knows"},
                "limit": {"type": "integer", "description": "-1: unlimited"},
                "mode": {"enum": ["hard", "overage", "shadow"]}, "percent": {"type": ["number", "null"]},
                "rate": {"type": "integer", "description": "Units a second, as of late"},
                "unspent": {"type": "integer", "description": "Units that can be spent without asking Redis"},
                "unsettled": {"type": "integer", "description": "Units that Redis may not have yet"},
                "waiting": {"type": "integer", "description": "Calls that wait for units"},
                "threshold": {"type": ["string", "null"], "description": "The highest threshold that used is past"},
                "period_end": {"$ref": "#/components/schemas/Time"}}},
              "Top": {"type": "object", "required": ["leases", "seen", "cut", "clock_us", "gate"], "properties": {
                "leases": {"type": "array", "items": {"$ref": "#/components/schemas/LeaseReading"}},
                "seen": {"type": "integer", "description": "Leases looked at"},
                "cut": {"type": "boolean", "description": "There were more, and some may be missing"},
                "clock_us": {"type": "integer", "description": "When, in microseconds of a clock that is never set"},
                "gate": {"type": "object", "description": "The gate's counts, named as INFO names them",
                  "additionalProperties": {"type": "number"}}}},
              "Reconciliation": {"type": "object", "properties": {
                "differences": {"type": "array", "items": {"type": "object", "properties": {
                  "tenant": {"type": "string"}, "meter": {"type": "string"},
                  "hour": {"$ref": "#/components/schemas/Time"},
                  "period_end": {"type": "string", "description": "Of a period, where Stripe tells no hours"},
                  "total": {"type": "integer"}, "acknowledged": {"type": "integer"},
                  "stripe": {"type": "integer", "description": "Missing where Stripe was not asked"},
                  "difference": {"type": "integer", "description": "What Stripe lacks"},
                  "explanation": {"enum": ["owed", "in_flight", "summary_lag", "late_row", "dropped", "not_billed",
                    "elsewhere", "no_customer", "blocked", "dead", "unknown"]},
                  "detail": {"type": "string"}, "fixed": {"type": "boolean"}}}},
                "counts": {"type": "object", "description": "Differences by explanation",
                  "additionalProperties": {"type": "integer"}},
                "hours": {"type": "integer"}, "compared": {"type": "integer"}, "reads": {"type": "integer"},
                "tenants": {"type": "integer", "description": "Looked at by this page"},
                "of": {"type": "integer", "description": "How many there are"}, "fixed": {"type": "integer"},
                "failed": {"type": "integer"},
                "failures": {"type": "array", "items": {"type": "object", "properties": {
                  "tenant": {"type": "string"}, "meter": {"type": "string"}, "detail": {"type": "string"}}}},
                "next": {"$ref": "#/components/schemas/Next"},
                "stopped": {"type": "string", "description": "Why it ended before its end"}}},
              "FlushHour": {"type": "object", "properties": {
                "tenant": {"type": "string"}, "meter": {"type": "string"}, "hour": {"type": "string"},
                "detail": {"type": "string"}}},
              "FlushReport": {"type": "object", "properties": {
                "sent": {"type": "integer"}, "acknowledged": {"type": "integer"}, "units": {"type": "integer"},
                "failed": {"type": "integer"},
                "failures": {"type": "array", "items": {"$ref": "#/components/schemas/FlushHour"}},
                "waiting": {"type": "array", "items": {"type": "object", "properties": {
                  "state": {"type": "string"}, "count": {"type": "integer"},
                  "examples": {"type": "array", "items": {"$ref": "#/components/schemas/FlushHour"}}}}},
                "owed": {"type": "integer"}, "stopped": {"type": "string"}}}
            }
          }
        }
        """#
}
