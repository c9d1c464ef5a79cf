import Settings
import Testing

struct RedisURLTests {
    @Test(
        arguments: [
            ("managed", .managed, nil),
            ("unix:///run/redis.sock", .unix(path: "/run/redis.sock", database: 0), nil),
            ("unix:///run/redis.sock?db=5", .unix(path: "/run/redis.sock", database: 5), nil),
            ("redis://localhost", .tcp(host: "localhost", port: 6_379, database: 0), nil),
            ("redis://localhost/", .tcp(host: "localhost", port: 6_379, database: 0), nil),
            ("redis://10.0.0.1:7000/2", .tcp(host: "10.0.0.1", port: 7_000, database: 2), nil),
            ("redis://app@[::1]:7000", .tcp(host: "::1", port: 7_000, database: 0), "app"),
            ("redis://[::1]", .tcp(host: "::1", port: 6_379, database: 0), nil),
        ] as [(String, RedisLocation, String?)])
    func `these are places of a Redis`(url: String, location: RedisLocation, user: String?) throws {
        let redis = try SettingsFiles().load("redis: {url: \"\(url)\"}").redis
        #expect(redis.location == location && redis.user == user)
    }

    @Test(arguments: [
        "localhost:6379", "http://localhost", "redis://", "redis://h:0", "redis://h:65536", "redis://h/x",
        "redis://h/-1",
        "redis://@h", "redis://::1:6379", "unix://run/redis.sock", "unix:///", "unix:///a?x=1", "unix:///a?db=",
        "redis:/h",
    ])
    func `anything else is refused, and not repeated`(url: String) throws {
        #expect(
            try SettingsFiles().problems("redis: {url: \"\(url)\"}") == [
                "tollgate.yaml:1:14: redis.url must be managed, unix:///path[?db=0] or redis://[user@]host[:6379][/0]"
            ])
    }

    @Test(arguments: [
        "redis://u:pass@h", "redis://:pass@h:1/0", "rediss://u:pass@h", "unix://u:pass@/a", "redis://u:@h",
    ])
    func `a password in a url is refused without showing it`(url: String) throws {
        for (config, environment) in [("redis: {url: \"\(url)\"}", [:]), ("", ["TOLLGATE_REDIS_URL": url])] {
            let problems = try SettingsFiles().problems(config, environment: environment)
            #expect(problems.count == 1 && !problems[0].contains("pass@"))
            #expect(
                problems[0].hasSuffix(
                    ": redis.url must not hold a password: "
                        + "set TOLLGATE_REDIS_PASSWORD or TOLLGATE_REDIS_PASSWORD_FILE in the environment"))
        }
    }

    @Test(arguments: ["rediss", "redis+sentinel", "redis+cluster"])
    func `schemes that come later say so`(scheme: String) throws {
        #expect(
            try SettingsFiles().problems("redis: {url: \"\(scheme)://h\"}") == [
                "tollgate.yaml:1:14: redis.url with \(scheme):// is not supported yet"
            ])
    }
}
