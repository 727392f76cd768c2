import ArgumentParser
import AssayCore
import Glibc

/// Runs the command line from start to exit code.
public enum CommandLineEntry {
    /// Parses the arguments of the process, runs the command and gives the exit code.
    public static func run() async -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        let arguments = GlobalArguments.behindCommand(Array(CommandLine.arguments.dropFirst()))
        do {
            var command = try RootCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.pass.rawValue
        } catch let error as AssayError {
            fallback(arguments).failure(error)
            return ExitStatus(error).rawValue
        } catch let failure as EngineFailure {
            return failure.status
        } catch is CancellationError {
            return ExitStatus.interrupted.rawValue
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            return report(error, arguments)
        }
    }

    /// Prints what the argument parser has to say: help on stdout, a mistake on stderr with exit 2.
    private static func report(_ error: any Error, _ arguments: [String]) -> Int32 {
        let output = fallback(arguments)
        let message = RootCommand.fullMessage(for: error)
        guard RootCommand.exitCode(for: error) == .success else {
            output.complaint(message)
            return ExitStatus.usage.rawValue
        }
        output.result(message)
        return ExitStatus.pass.rawValue
    }

    private static func fallback(_ arguments: [String]) -> Output {
        Output(
            isJSON: arguments.contains("--json"), isQuiet: false, isVerbose: false,
            colour: isatty(STDERR_FILENO) == 1 && ProcessEnvironment.current["NO_COLOR"] == nil
                && !arguments.contains("--plain"))
    }
}
