using HookGateway.Host;
using HookGateway.Storage.Sqlite;
using k8s.Models;
using Xunit;

namespace HookGateway.UnitTests.Deployment.Kubernetes;

/// <summary>The gateway's own pods: probes, how they end, how they are replaced, how many there are.</summary>
public sealed class GatewayPodTests
{
    private static readonly Manifests Single = Manifests.OfOverlay("single");
    private static readonly Manifests Redis = Manifests.OfOverlay("redis");

    public static TheoryData<string> Overlays { get; } = [.. Manifests.Overlays];

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Probes_AskTheAdminPort_LivenessOfTheProcessAlone(string overlay)
    {
        var container = Manifests.OfOverlay(overlay).Gateway.Container;

        Assert.Equal(("/health/live", "admin"), (container.StartupProbe.HttpGet.Path, container.StartupProbe.HttpGet.Port.Value));
        Assert.Equal(("/health/live", "admin"), (container.LivenessProbe.HttpGet.Path, container.LivenessProbe.HttpGet.Port.Value));
        Assert.Equal(("/health/ready", "admin"), (container.ReadinessProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Port.Value));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void GracePeriod_CoversDraining_WhatIsUnderWay_AndTheStore(string overlay)
    {
        var gateway = Manifests.OfOverlay(overlay).Gateway;
        var needed = Drain(Manifests.OfOverlay(overlay)) + GatewayApplication.StopWithin
            + new SqliteStoreOptions { Path = "x" }.CloseTimeout;

        Assert.True(gateway.Pod.TerminationGracePeriodSeconds > needed.TotalSeconds, $"{needed} are needed");
    }

    [Fact]
    public void ManyGateways_GoOnForAWhileAfterTheyLeftTheService_OneDoesNot()
    {
        var readiness = Redis.Gateway.Container.ReadinessProbe;

        // Longer than somebody takes to notice who goes by the probe alone.
        Assert.True(Drain(Redis).TotalSeconds >= 2 * readiness.PeriodSeconds);
        Assert.Equal(TimeSpan.Zero, Drain(Single));
    }

    [Fact]
    public void Rollout_OfManyGateways_TakesNoneAwayBeforeAnotherIsReady()
    {
        var strategy = Assert.IsType<V1Deployment>(Redis.Gateway.Object).Spec.Strategy.RollingUpdate;

        Assert.Equal(("0", "1"), (strategy.MaxUnavailable.Value, strategy.MaxSurge.Value));
    }

    [Fact]
    public void ManyGateways_SpreadOverZonesAndNodes()
    {
        Assert.Equal(
            ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
            Redis.Gateway.Pod.TopologySpreadConstraints.Select(spread => spread.TopologyKey).Order());
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("redis-server")]
    public void Autoscaler_LooksAtTheCpuOfTheDeployment_AndNothingElseSaysHowMany(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var scaler = Assert.Single(manifests.Of<V2HorizontalPodAutoscaler>()).Spec;
        var metric = Assert.Single(scaler.Metrics);

        Assert.Equal(
            (manifests.Gateway.Object.ApiVersion, manifests.Gateway.Object.Kind, manifests.Gateway.Name),
            (scaler.ScaleTargetRef.ApiVersion, scaler.ScaleTargetRef.Kind, scaler.ScaleTargetRef.Name));
        Assert.Null(manifests.Gateway.Replicas);
        Assert.True(scaler.MinReplicas < scaler.MaxReplicas);
        Assert.Equal(("Resource", "cpu", "Utilization"), (metric.Type, metric.Resource.Name, metric.Resource.Target.Type));
        Assert.InRange(metric.Resource.Target.AverageUtilization!.Value, 1, 100);
        Assert.Contains("cpu", manifests.Gateway.Container.Resources.Requests.Keys);
    }

    [Theory]
    [InlineData("redis")]
    [InlineData("redis-server")]
    public void DisruptionBudget_IsTheGateways_AndAlwaysLetsOneGo(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);
        var budget = Assert.Single(manifests.Of<V1PodDisruptionBudget>()).Spec;
        var least = manifests.Of<V2HorizontalPodAutoscaler>().Single().Spec.MinReplicas!.Value;
        var stay = budget.MinAvailable is { } available ? int.Parse(available.Value) : least - int.Parse(budget.MaxUnavailable.Value);

        Assert.Equal([manifests.Gateway], manifests.Workloads.Where(workload => workload.IsMeantBy(budget.Selector.MatchLabels)));
        Assert.InRange(stay, 1, least - 1);
        Assert.Equal("AlwaysAllow", budget.UnhealthyPodEvictionPolicy);
    }

    [Theory]
    [InlineData("single")]
    [InlineData("jaeger")]
    public void OneGateway_HasNoAutoscalerAndNoBudget(string overlay)
    {
        var manifests = Manifests.OfOverlay(overlay);

        Assert.IsType<V1StatefulSet>(manifests.Gateway.Object);
        Assert.Empty(manifests.Of<V2HorizontalPodAutoscaler>());
        Assert.Empty(manifests.Of<V1PodDisruptionBudget>());
        Assert.Null(manifests.Gateway.Pod.TopologySpreadConstraints);
    }

    private static TimeSpan Drain(Manifests manifests) =>
        TimeSpan.FromSeconds(int.Parse(manifests.Document.Find("listen", "drain")?.Text().TrimEnd('s') ?? "0"));
}
