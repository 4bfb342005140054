using HookGateway.Configuration;
using HookGateway.Store;
using Microsoft.Extensions.Logging;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

/// <summary>The sections without rules across their keys: log, limits, storage, telemetry.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void Settings_EverythingGiven_IsRead()
    {
        var configuration = Given.Configuration("""
            log: { level: warning, format: json }
            limits: { bodySize: 64KiB, requestTimeout: 500ms, concurrentRequests: 7 }
            storage: { engine: sqlite, path: /var/lib/gateway.db, retention: { delivered: 1d, dead: 12h } }
            telemetry: { serviceName: hooks, sampling: 0.25, otlp: { endpoint: "http://collector:4318", protocol: http/protobuf } }

            """ + Given.Whole);

        Assert.Equal((LogLevel.Warning, LogFormat.Json), (configuration.Log.Level, configuration.Log.Format));
        Assert.Equal((65536, 0.5, 7), (configuration.Limits.BodySize, configuration.Limits.RequestTimeout.TotalSeconds, configuration.Limits.ConcurrentRequests));
        Assert.Equal(("sqlite", "/var/lib/gateway.db"), (configuration.Storage.Engine, configuration.Storage.Path));
        Assert.Equal((24, 12), (configuration.Storage.Retention.Delivered.TotalHours, configuration.Storage.Retention.Dead.TotalHours));
        Assert.Equal(("hooks", 0.25), (configuration.Telemetry.ServiceName, configuration.Telemetry.Sampling));
        Assert.Equal(new OtlpConfiguration(new Uri("http://collector:4318"), OtlpProtocol.HttpProtobuf), configuration.Telemetry.Otlp);
    }

    [Fact]
    public void Settings_Redis_IsRead()
    {
        var storage = Given.Configuration(
            "storage: { engine: redis, connection: \"a:1,b:2\", prefix: hooks, partitions: 64, durability: memory, retention: { dead: 2d, bodies: 1h } }\n" + Given.Whole).Storage;

        Assert.Equal(("redis", "a:1,b:2", "hooks", 64), (storage.Engine, storage.Connection, storage.Prefix, storage.Partitions));
        Assert.Equal(StorageDurability.Memory, storage.Durability);
        Assert.Equal(new RetentionLimits(TimeSpan.FromHours(1), TimeSpan.FromDays(2)) { Bodies = TimeSpan.FromHours(1) }, storage.Retention);
    }

    [Theory]
    [InlineData("storage: { engine: redis, connection: x }", 15)]
    [InlineData("storage: { engine: redis, connection: x, retention: { delivered: 1d } }", 15)]
    [InlineData("storage: { engine: sqlite, retention: { delivered: 1d } }", null)]
    [InlineData("storage:", null)]
    public void Settings_BodiesNotGiven_AreKeptFor15MinutesInRedisAndAsLongAsTheirEventsElsewhere(string line, int? minutes) => Assert.Equal(
        minutes is { } some ? TimeSpan.FromMinutes(some) : null, Given.Configuration(line + "\n" + Given.Whole).Storage.Retention.Bodies);

    [Fact]
    public void Settings_KeysWithoutValues_AreDefaults()
    {
        var configuration = Given.Configuration("log:\nlimits: { bodySize: ~ }\nstorage: { retention: }\ntelemetry: { otlp: }\n" + Given.Whole);

        Assert.Equal(new LogConfiguration(), configuration.Log);
        Assert.Equal(new LimitsConfiguration(), configuration.Limits);
        Assert.Equal(new StorageConfiguration(), configuration.Storage);
        Assert.Equal(new TelemetryConfiguration(), configuration.Telemetry);
    }

    [Fact]
    public void OtlpEndpoint_IsEmpty_SendsNothing()
    {
        var configuration = Given.Configuration("telemetry: { otlp: { endpoint: \"${EMPTY:-}\", protocol: grpc } }\n" + Given.Whole);

        Assert.Null(configuration.Telemetry.Otlp);
    }

    [Theory]
    [InlineData("telemetry: { otlp: { endpoint: \" \" } }", "1:32: telemetry.otlp.endpoint: expected an absolute http or https URL without user name and fragment")]
    [InlineData("log: { level: verbose }", "1:15: log.level: expected one of trace, debug, info, warning, error, none, not 'verbose'")]
    [InlineData("log: { level: [info] }", "1:15: log.level: expected one of trace, debug, info, warning, error, none, not a list")]
    [InlineData("log: text", "1:6: log: expected a mapping")]
    [InlineData("limits: { bodySize: 0B }", "1:21: limits.bodySize: expected a size from 1B to 64MiB, such as 64KiB or 1MiB, not '0B'")]
    [InlineData("limits: { requestTimeout: 0s }", "1:27: limits.requestTimeout: expected a duration from 1ms to 10m, such as 500ms, 10s, 5m, 24h or 7d, not '0s'")]
    [InlineData("limits: { requestTimeout: \"${SECRET}\" }", "1:27: limits.requestTimeout: expected a duration from 1ms to 10m, such as 500ms, 10s, 5m, 24h or 7d, not '${SECRET}'")]
    [InlineData("limits: { concurrentRequests: -1 }", "1:31: limits.concurrentRequests: expected a whole number from 1 to 1000000, not '-1'")]
    [InlineData("storage: { engine: redis }", "1:1: storage: needs connection: some text")]
    [InlineData("storage: { engine: postgres }", "1:20: storage.engine: expected one of sqlite, redis, not 'postgres'")]
    [InlineData("storage: { connection: x }", "1:24: storage.connection: needs engine: redis")]
    [InlineData("storage: { engine: redis, connection: x, prefix: \"{}\" }", "1:50: storage.prefix: expected letters, digits, '-', '_', '.' and ':', 64 at most, not '{}'")]
    [InlineData("storage: { engine: redis, connection: x, partitions: 1025 }", "1:54: storage.partitions: expected a whole number from 1 to 1024, not '1025'")]
    [InlineData("storage: { partitions: 8 }", "1:24: storage.partitions: needs engine: redis")]
    [InlineData("storage: { engine: redis, connection: x, durability: some }", "1:54: storage.durability: expected one of memory, fsync, replicated, not 'some'")]
    [InlineData("storage: { path: \"\" }", "1:18: storage.path: expected some text")]
    [InlineData("storage: { retention: { dead: 3651d } }", "1:31: storage.retention.dead: expected a duration from 1s to 3650d, such as 500ms, 10s, 5m, 24h or 7d, not '3651d'")]
    [InlineData("storage: { retention: { bodies: 1h } }", "1:33: storage.retention.bodies: needs engine: redis")]
    [InlineData("storage: { engine: redis, connection: x, retention: { bodies: 0s } }", "1:63: storage.retention.bodies: expected a duration from 1s to 3650d, such as 500ms, 10s, 5m, 24h or 7d, not '0s'")]
    [InlineData("telemetry: { sampling: 1.1 }", "1:24: telemetry.sampling: expected a number from 0 to 1, not '1.1'")]
    [InlineData("telemetry: { sampling: NaN }", "1:24: telemetry.sampling: expected a number from 0 to 1, not 'NaN'")]
    [InlineData("telemetry: { otlp: {} }", "1:14: telemetry.otlp: needs endpoint: an absolute http or https URL without user name and fragment")]
    [InlineData("egress: { deny: [10.0.0.1/8] }", "1:18: egress.deny: expected a network such as 10.0.0.0/8 (no bits set beyond the prefix) or an address, not '10.0.0.1/8'")]
    [InlineData("egress: { only: [10.0.0.0/8] }", "1:11: egress: unknown key 'only'; known: allow, deny")]
    [InlineData("colours: {}", "1:1: unknown key 'colours'; known: destinations, egress, limits, listen, log, routes, sources, storage, telemetry, vars")]
    public void Settings_Wrong_AreFaultsAtTheirPlace(string line, string fault) => Assert.Equal([fault], Given.Faults(line + "\n" + Given.Whole));
}
