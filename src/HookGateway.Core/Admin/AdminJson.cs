using System.Text.Json.Serialization;
using HookGateway.Store;

namespace HookGateway.Admin;

/// <summary>How the admin API's requests and answers look.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(EventListView))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(ReplayBody))]
[JsonSerializable(typeof(ReplayView))]
[JsonSerializable(typeof(DestinationListView))]
[JsonSerializable(typeof(PauseView))]
[JsonSerializable(typeof(BulkReplayBody))]
[JsonSerializable(typeof(ReplayPreviewView))]
[JsonSerializable(typeof(BulkReplayView))]
[JsonSerializable(typeof(BulkReplayListView))]
[JsonSerializable(typeof(SkippedView))]
[JsonSerializable(typeof(HappeningView))]
[JsonSerializable(typeof(ReconcileListView))]
[JsonSerializable(typeof(AuditReport))]
internal sealed partial class AdminJson : JsonSerializerContext;
