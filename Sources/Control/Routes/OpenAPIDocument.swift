/// The control API for programs, in OpenAPI 3.1. A test holds it against the routes.
enum OpenAPIDocument {
    static let text = paths + "\n" + components

    private static let paths = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "tollgate control API",
            "version": "1",
            "description": "Tenants, billing, health. Errors are problem documents (RFC 9457), times RFC 3339."
          },
          "paths": {
            "/healthz": {"get": {"summary": "Whether the process serves", "responses": {
              "200": {"description": "It does"}}}},
            "/readyz": {"get": {"summary": "Whether Redis answers, the flusher runs and the gate serves", "responses": {
              "200": {"description": "All of them"}, "503": {"description": "Not all; the body says which"}}}},
            "/metrics": {"get": {"summary": "Metrics in Prometheus's text format", "responses": {
              "200": {"description": "The metrics", "content": {"text/plain": {}}}}}},
            "/openapi.json": {"get": {"summary": "This document", "responses": {
              "200": {"description": "The document", "content": {"application/json": {}}}}}},
            "/v1/tenants": {"get": {"summary": "List tenants by id", "parameters": [
                {"$ref": "#/components/parameters/after"}, {"$ref": "#/components/parameters/limit"},
                {"name": "plan", "in": "query", "schema": {"type": "string"}},
                {"name": "status", "in": "query", "description": "A subscription status, or none",
                 "schema": {"type": "string"}},
                {"name": "prefix", "in": "query", "description": "The beginning of the id",
                 "schema": {"type": "string"}}],
              "responses": {
                "200": {"description": "A page", "content": {"application/json": {"schema": {
                  "type": "object", "required": ["tenants", "next"], "properties": {
                    "tenants": {"type": "array", "items": {"$ref": "#/components/schemas/Tenant"}},
                    "next": {"$ref": "#/components/schemas/Next"}}}}}},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/tenants/{id}": {
              "parameters": [{"name": "id", "in": "path", "required": true, "schema": {
                "type": "string", "pattern": "^[A-Za-z0-9._:@-]{1,128}$"}}],
              "get": {"summary": "Show a tenant, its entitlement and its usage", "responses": {
                "200": {"$ref": "#/components/responses/TenantDetail"},
                "default": {"$ref": "#/components/responses/Problem"}}},
              "put": {"summary": "Make or change a tenant: an absent field stays, null removes",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                  "$ref": "#/components/schemas/TenantChange"}}}},
                "responses": {
                  "200": {"$ref": "#/components/responses/TenantDetail"},
                  "201": {"$ref": "#/components/responses/TenantDetail"},
                  "default": {"$ref": "#/components/responses/Problem"}}},
              "delete": {"summary": "Remove a tenant; refused while hours are or may be owed", "parameters": [
                  {"name": "force", "in": "query", "description": "Drop its owed hours",
                   "schema": {"type": "boolean"}},
                  {"name": "reason", "in": "query", "description": "Why, for the audit stream",
                   "schema": {"type": "string"}}],
                "responses": {
                  "200": {"description": "Removed", "content": {"application/json": {"schema": {
                    "type": "object", "properties": {"id": {"type": "string"}, "removed": {"type": "boolean"},
                      "dropped_hours": {"type": "integer"}}}}}},
                  "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/tenants/{id}/usage": {
              "parameters": [{"$ref": "#/components/parameters/tenant"}],
              "get": {"summary": "Show what a customer's page needs: period, and each meter's usage", "responses": {
                "200": {"description": "The usage", "content": {"application/json": {"schema": {
                  "$ref": "#/components/schemas/UsageSummary"}}}},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/tenants/{id}/explain": {
              "parameters": [{"$ref": "#/components/parameters/tenant"}],
              "get": {"summary": "Show why a tenant's calls are answered as they are", "parameters": [
                  {"name": "meter", "in": "query", "description": "Only this one; else all of the plan",
                   "schema": {"type": "string"}}],
                "responses": {
                  "200": {"description": "The explanation, also of a tenant without a record",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Explanation"}}}},
                  "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/tenants/{id}/limits": {
              "parameters": [{"$ref": "#/components/parameters/tenant"}],
              "post": {"summary": "Give a tenant a limit of its own for a meter, or take it away",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                  "type": "object", "additionalProperties": false, "required": ["meter", "value", "reason"],
                  "properties": {"meter": {"type": "string"},
                    "value": {"type": ["integer", "null"], "description": "-1: unlimited; null: the plan's again"},
                    "until": {"$ref": "#/components/schemas/Time"}, "reason": {"type": "string"}}}}}},
                "responses": {"200": {"$ref": "#/components/responses/TenantDetail"},
                  "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/tenants/{id}/grants": {
              "parameters": [{"$ref": "#/components/parameters/tenant"}],
              "post": {"summary": "Give a tenant units of a counter on top of its limit, spent before the plan's",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                  "type": "object", "additionalProperties": false, "required": ["meter", "units", "expires", "reason"],
                  "properties": {"id": {"type": "string", "pattern": "^[a-z0-9]{1,32}$",
                      "description": "The grant's name: asked again with it, it is given once"},
                    "meter": {"type": "string"}, "units": {"type": "integer", "minimum": 1},
                    "expires": {"$ref": "#/components/schemas/Time"}, "reason": {"type": "string"}}}}}},
                "responses": {"200": {"$ref": "#/components/responses/TenantDetail"},
                  "201": {"$ref": "#/components/responses/TenantDetail"},
                  "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/tenants/{id}/grants/{grant}/revoke": {
              "parameters": [{"$ref": "#/components/parameters/tenant"},
                {"name": "grant", "in": "path", "required": true, "schema": {"type": "string"}}],
              "post": {"summary": "Take a grant back; what was drawn from it stays drawn",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                  "$ref": "#/components/schemas/Reason"}}}},
                "responses": {"200": {"$ref": "#/components/responses/TenantDetail"},
                  "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/tenants/{id}/block": {
              "parameters": [{"$ref": "#/components/parameters/tenant"}],
              "post": {"summary": "Refuse every call of a tenant",
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                  "type": "object", "additionalProperties": false, "required": ["reason"], "properties": {
                    "until": {"$ref": "#/components/schemas/Time"}, "reason": {"type": "string"}}}}}},
                "responses": {"200": {"$ref": "#/components/responses/TenantDetail"},
                  "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/tenants/{id}/unblock": {
              "parameters": [{"$ref": "#/components/parameters/tenant"}],
              "post": {"summary": "Let limits decide again",
                "requestBody": {"content": {"application/json": {"schema": {
                  "$ref": "#/components/schemas/Reason"}}}},
                "responses": {"200": {"$ref": "#/components/responses/TenantDetail"},
                  "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/tenants/{id}/audit": {
              "parameters": [{"$ref": "#/components/parameters/tenant"}],
              "get": {"summary": "What was changed of a tenant, by whom and why, newest last", "parameters": [
                {"$ref": "#/components/parameters/after"}, {"$ref": "#/components/parameters/limit"},
                {"$ref": "#/components/parameters/since"}, {"$ref": "#/components/parameters/until"},
                {"$ref": "#/components/parameters/action"}],
              "responses": {"200": {"$ref": "#/components/responses/Audit"},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/audit": {"get": {"summary": "What was changed of all tenants, by whom and why, newest last",
              "parameters": [
                {"$ref": "#/components/parameters/after"}, {"$ref": "#/components/parameters/limit"},
                {"$ref": "#/components/parameters/since"}, {"$ref": "#/components/parameters/until"},
                {"$ref": "#/components/parameters/action"},
                {"name": "tenant", "in": "query", "schema": {"type": "string"}}],
              "responses": {"200": {"$ref": "#/components/responses/Audit"},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/billing/outbox": {"get": {"summary": "List hours that Stripe has not acknowledged, oldest first",
              "parameters": [
                {"$ref": "#/components/parameters/after"}, {"$ref": "#/components/parameters/limit"},
                {"name": "tenant", "in": "query", "schema": {"type": "string"}}],
              "responses": {
                "200": {"description": "A page", "content": {"application/json": {"schema": {
                  "type": "object", "required": ["owed", "next", "count"], "properties": {
                    "owed": {"type": "array", "items": {"$ref": "#/components/schemas/OwedHour"}},
                    "next": {"$ref": "#/components/schemas/Next"},
                    "count": {"type": "integer", "description": "Owed hours of all tenants"}}}}}},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/billing/outbox/dead": {"get": {"summary": "List hours that Stripe refused for good, oldest first",
              "parameters": [
                {"$ref": "#/components/parameters/after"}, {"$ref": "#/components/parameters/limit"},
                {"name": "tenant", "in": "query", "schema": {"type": "string"}},
                {"name": "meter", "in": "query", "schema": {"type": "string"}},
                {"name": "hour", "in": "query", "description": "Its start", "schema": {"type": "string"}}],
              "responses": {
                "200": {"description": "A page", "content": {"application/json": {"schema": {
                  "type": "object", "required": ["dead", "next", "count"], "properties": {
                    "dead": {"type": "array", "items": {"$ref": "#/components/schemas/DeadHour"}},
                    "next": {"$ref": "#/components/schemas/Next"},
                    "count": {"type": "integer", "description": "Dead hours of all tenants"}}}}}},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/billing/outbox/retry": {"post": {"summary": "Make dead hours owed again, some at a time",
              "requestBody": {"$ref": "#/components/requestBodies/DeadHours"},
              "responses": {"200": {"$ref": "#/components/responses/SettledHours"},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/billing/outbox/drop": {"post": {"summary": "Write dead hours off, some at a time",
              "requestBody": {"$ref": "#/components/requestBodies/DeadHours"},
              "responses": {"200": {"$ref": "#/components/responses/SettledHours"},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/stripe/setup": {"post": {"summary": "Hold the catalogue against Stripe, part by part",
              "requestBody": {"content": {"application/json": {"schema": {"type": "object",
                "additionalProperties": false, "properties": {
                  "apply": {"type": "boolean", "description": "Make what is missing; else only look"},
                  "run": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$",
                    "description": "Names the run, the same for all its parts; required to apply"},
                  "after": {"type": ["string", "null"], "description": "The next of the part before"}}}}}},
              "responses": {
                "200": {"description": "A part", "content": {"application/json": {"schema": {
                  "type": "object", "required": ["items", "next", "done", "total"], "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/SetupItem"}},
                    "next": {"$ref": "#/components/schemas/Next"},
                    "done": {"type": "integer"}, "total": {"type": "integer"}}}}}},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/stripe/import": {"post": {"summary": "Make tenants of an account's customers, a page at a time",
              "requestBody": {"content": {"application/json": {"schema": {"type": "object",
                "additionalProperties": false, "properties": {
                  "apply": {"type": "boolean", "description": "Write what is found; else only look"},
                  "after": {"type": ["string", "null"], "description": "The next of the page before"},
                  "mapping": {"type": "object", "description": "Tenants by customer",
                    "additionalProperties": {"type": "string"}},
                  "except": {"type": "array", "description": "Tenants that several customers want to be",
                    "items": {"type": "string"}},
                  "reason": {"type": ["string", "null"]}}}}}},
              "responses": {
                "200": {"description": "A page", "content": {"application/json": {"schema": {
                  "type": "object", "required": ["items", "next", "customers", "foreign"], "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/ImportItem"}},
                    "next": {"$ref": "#/components/schemas/Next"}, "customers": {"type": "integer"},
                    "foreign": {"type": "integer", "description": "Customers that name no tenant"}}}}}},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/billing/flush": {"post": {"summary": "Send what is owed now, and say what came of it", "responses": {
              "200": {"description": "The round's report", "content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/FlushReport"}}}},
              "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/webhooks": {"get": {"summary": "List Stripe's events that wait to be applied, or were given up",
              "parameters": [
                {"name": "state", "in": "query", "schema": {"enum": ["pending", "dead"], "default": "pending"}},
                {"$ref": "#/components/parameters/after"}, {"$ref": "#/components/parameters/limit"}],
              "responses": {
                "200": {"description": "A page", "content": {"application/json": {"schema": {
                  "type": "object", "required": ["events", "next", "pending", "dead"], "properties": {
                    "events": {"type": "array", "items": {"$ref": "#/components/schemas/WebhookEvent"}},
                    "next": {"$ref": "#/components/schemas/Next"},
                    "pending": {"type": "integer"}, "dead": {"type": "integer"}}}}}},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/webhooks/{event}/retry": {
              "parameters": [{"name": "event", "in": "path", "required": true, "schema": {"type": "string"}}],
              "post": {"summary": "Have an event that was given up applied again", "responses": {
                "200": {"description": "It waits to be applied"},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/billing/reconcile": {
              "get": {"summary": "Show the report of the last daily comparison with Stripe", "responses": {
                "200": {"description": "The report", "content": {"application/json": {"schema": {
                  "type": "object", "properties": {
                    "day": {"type": "string"}, "started_at": {"$ref": "#/components/schemas/Time"},
                    "ended_at": {"$ref": "#/components/schemas/Time"}, "duration": {"type": "integer"},
                    "sampled": {"type": "integer", "description": "Tenants that Stripe was asked for"},
                    "truncated": {"type": "boolean",
                      "description": "The day's reads did not do for all of them, or Stripe could not be read"},
                    "cuts": {"type": "object", "description": "Behind which tenant a share that was cut goes on",
                      "additionalProperties": {"type": "string"}},
                    "result": {"$ref": "#/components/schemas/Reconciliation"}}}}}},
                "default": {"$ref": "#/components/responses/Problem"}}},
              "post": {"summary": "Compare with what Stripe has recorded, a page of tenants at a time",
                "requestBody": {"content": {"application/json": {"schema": {
                  "type": "object", "additionalProperties": false, "properties": {
                    "tenant": {"type": ["string", "null"]}, "from": {"$ref": "#/components/schemas/Time"},
                    "to": {"$ref": "#/components/schemas/Time"},
                    "fix": {"type": "boolean", "description": "Make owed again what nothing explains"},
                    "reads": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 500,
                      "description": "The most reads of Stripe"},
                    "after": {"$ref": "#/components/schemas/Next"}}}}}},
                "responses": {
                  "200": {"description": "A page", "content": {"application/json": {"schema": {
                    "$ref": "#/components/schemas/Reconciliation"}}}},
                  "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/top": {"get": {"summary": "Show the leases that this gate spends fastest, or nearest their limits",
              "parameters": [
                {"$ref": "#/components/parameters/limit"},
                {"name": "sort", "in": "query", "schema": {"enum": ["rate", "share"], "default": "rate"}}],
              "responses": {
                "200": {"description": "The leases, and the gate's counts", "content": {"application/json": {"schema": {
                  "$ref": "#/components/schemas/Top"}}}},
                "default": {"$ref": "#/components/responses/Problem"}}}},
            "/v1/doctor": {"get": {"summary": "Check everything tollgate stands on", "responses": {
              "200": {"description": "A line a check", "content": {"application/json": {"schema": {
                "type": "object", "required": ["checks"], "properties": {"checks": {"type": "array", "items": {
                  "type": "object", "required": ["name", "status", "detail"], "properties": {
                    "name": {"type": "string"}, "status": {"enum": ["ok", "warning", "fault"]},
                    "detail": {"type": "string"}}}}}}}}},
              "default": {"$ref": "#/components/responses/Problem"}}}}
          },
        """#
}
