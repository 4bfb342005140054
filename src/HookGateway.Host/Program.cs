using HookGateway.Host;
using HookGateway.Host.Commands;

SocketCompletions.RunInline();
return await CommandLine.RunAsync(args, Console.Out, Console.Error);
