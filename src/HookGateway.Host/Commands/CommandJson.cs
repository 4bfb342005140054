using System.Text.Json.Serialization;
using HookGateway.Host.Demo;
using HookGateway.Host.Operating;
using HookGateway.Host.Receiving;
using HookGateway.Host.Sending;

namespace HookGateway.Host.Commands;

/// <summary>How the verbs' results look as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FaultLine))]
[JsonSerializable(typeof(HealthLine))]
[JsonSerializable(typeof(SendAnswer))]
[JsonSerializable(typeof(SendSummary))]
[JsonSerializable(typeof(ReceivedLine))]
[JsonSerializable(typeof(SysAidRequestLine))]
[JsonSerializable(typeof(SysAidAnswerLine))]
[JsonSerializable(typeof(DemoHappening))]
[JsonSerializable(typeof(DemoVerdict))]
internal sealed partial class CommandJson : JsonSerializerContext;
