import Platform

/// What can go wrong on this floor. Each message names the file or option, what was expected and what to do.
public enum GeneraError: KindedError, Equatable, Sendable {
    /// Words on the command line or in a configuration that make no sense.
    case usage(String)
    /// A file whose content is not what it should be.
    case badData(file: String, reason: String, advice: String = "")
    /// A file that is not there; the places that were searched.
    case noInput(String, searched: [String] = [], advice: String = "")
    /// Something this build or machine lacks.
    case unavailable(String)
    /// A broken promise inside the program or a plugin.
    case software(String)
    /// A file or folder that cannot be made.
    case cannotCreate(file: String, reason: String)
    /// Reading or writing failed.
    case inputOutput(file: String, reason: String)
    /// The user stopped the run.
    case interrupted(String)
    /// No family has this name; the names there are, and the nearest of them.
    case unknownFamily(String, known: [String], nearest: String?)
    /// Two families have this name.
    case duplicateFamily(String)
    /// A sample's state stopped being finite.
    case notFinite(sample: Int, step: Int, of: Int, detail: String?)
    /// The loss stopped being finite; the checkpoint that is still good, if there is one.
    case lossNotFinite(step: Int, loss: Double, checkpoint: String?)
    /// A checkpoint of one family where another's was wanted.
    case otherFamily(file: String, found: String, wanted: String)
    /// A file without a Genera model in it.
    case notACheckpoint(file: String)

    /// One or two sentences.
    public var description: String {
        switch self {
        case let .usage(text), let .unavailable(text), let .software(text), let .interrupted(text): text
        case let .badData(file, reason, advice): "\(file): \(reason)\(advice.isEmpty ? "" : "; \(advice)")"
        case let .noInput(what, searched, advice):
            what + (searched.isEmpty ? "" : " Searched: \(searched.joined(separator: ", ")).")
                + (advice.isEmpty ? "" : " \(advice)")
        case let .cannotCreate(file, reason), let .inputOutput(file, reason): "\(file): \(reason)"
        case let .unknownFamily(name, known, nearest):
            "No model family is called '\(name)'." + (nearest.map { " Did you mean '\($0)'?" } ?? "")
                + " Known: \(known.isEmpty ? "none" : known.joined(separator: ", "))."
        case let .duplicateFamily(name):
            "A model family called '\(name)' is already registered. Give the second one another name."
        case let .notFinite(sample, step, total, detail):
            "Sample \(sample) became NaN or infinite at step \(step + 1) of \(total)\(detail.map { " (\($0))" } ?? "")."
                + " Try more steps, --precision exact, or another checkpoint."
        case let .lossNotFinite(step, loss, checkpoint):
            "The loss became \(loss) at step \(step). "
                + (checkpoint.map { "The last good checkpoint is \($0). " } ?? "No checkpoint was written yet. ")
                + "Try a smaller --lr, a tighter bound of the gradient, or --precision exact."
        case let .otherFamily(file, found, wanted):
            "\(file) is a checkpoint of '\(Printable.name(found))', not of '\(wanted)'. "
                + "Use `genera sample \(Printable.name(found))`, or another --checkpoint."
        case let .notACheckpoint(file):
            "\(file) is not a Genera checkpoint: its metadata has no 'genera.family'. Convert it with `genera convert`."
        }
    }

    /// What sort of trouble it is.
    public var kind: FailureKind {
        switch self {
        case .usage, .unknownFamily: .usage
        case .badData, .otherFamily, .notACheckpoint: .data
        case .noInput: .noInput
        case .unavailable: .unavailable
        case .software, .duplicateFamily, .notFinite, .lossNotFinite: .software
        case .cannotCreate: .cannotCreate
        case .inputOutput: .inputOutput
        case .interrupted: .interrupted
        }
    }
}
