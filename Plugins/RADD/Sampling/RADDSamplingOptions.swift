import ArgumentParser
import Genera

/// Options of `genera sample radd`, beside those that all families share.
public struct RADDSamplingOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "tweedie, euler, analytic, ordered, first-hitting: the model's law; lowconf, threshold, maskgit, remdm-cap, remdm-rescale, remdm-conf, remdm-loop, forward-backward, mdlm: others.",
            valueName: "name"))
    var method = MethodName.tweedie

    @Option(
        help: ArgumentHelp(
            "Steps from all masks to text (default: as many as there are tokens to draw; maskgit 32).", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("Tokens of a text (default: as the model was trained with).", valueName: "n"))
    var length: Int?

    @Option(help: ArgumentHelp("How a token is drawn: direct, top_p or top_k.", valueName: "name"))
    var strategy = StrategyName.direct

    @Option(
        name: [.long, .customLong("strategy_para")],
        help: ArgumentHelp("The share of top_p (default: 0.8) or the number of top_k.", valueName: "x"))
    var strategyPara: Double?

    @Option(help: ArgumentHelp("What logits are divided by; 0 for the likeliest token.", valueName: "t"))
    var temperature = 1.0

    @Option(
        help: ArgumentHelp(
            "Order of ordered: random, forward, backward, or a JSON file with a list of places.", valueName: "name"))
    var order = "random"

    @Option(help: ArgumentHelp("A text with [MASK] where tokens are to be drawn, [MASK:n] for n.", valueName: "text"))
    var prompt: String?

    @Option(help: ArgumentHelp("How the text begins.", valueName: "text"))
    var prefix: String?

    @Option(help: ArgumentHelp("How it ends.", valueName: "text"))
    var suffix: String?

    @Option(
        help: ArgumentHelp(
            "A JSON file with positions and ids, or with positions and text: what is known of the text.",
            valueName: "file"),
        completion: .file(extensions: ["json"]))
    var infill: String?

    @Option(
        help: ArgumentHelp(
            "A text file with a prompt a line, or a JSON list of them, of any length: text i is of prompt i.",
            valueName: "file"), completion: .file())
    var prompts: String?

    @Option(
        help: ArgumentHelp(
            "Places that are drawn before the next begin, from left to right (default: all at once).", valueName: "n"))
    var blockLength: Int?

    @Option(
        help: ArgumentHelp(
            "Tokens by which the window moves where a text is longer than the model's (default: half a window).",
            valueName: "n"))
    var stride: Int?

    @Option(
        help: ArgumentHelp("What lowconf goes by: probability, margin, entropy or random.", valueName: "name"))
    var remasking = RADDSampling.Score.probability

    @Option(help: ArgumentHelp("Probability above which threshold reveals.", valueName: "p"))
    var threshold = 0.9

    @Option(help: ArgumentHelp("Noise with which maskgit chooses places.", valueName: "t"))
    var choiceTemperature = 4.5

    @Option(help: ArgumentHelp("Share of remdm-cap and -loop, factor of -rescale (default: 0.02).", valueName: "x"))
    var eta = 0.02

    @Option(help: ArgumentHelp("Probability that remdm's tokens have together at most.", valueName: "p"))
    var nucleus = 1.0

    @Option(name: .customLong("t-on"), help: ArgumentHelp("Where remdm-loop begins to mask again.", valueName: "t"))
    var tOn = 0.55

    @Option(name: .customLong("t-off"), help: ArgumentHelp("Where it ends.", valueName: "t"))
    var tOff = 0.05

    @Option(help: ArgumentHelp("Share of tokens that are there meanwhile.", valueName: "a"))
    var alphaOn = 0.9

    @Option(
        help: ArgumentHelp(
            "How far to go from the law without the prompt towards that with it; 0 is the law with it.",
            valueName: "w"))
    var guidance: Double?

    @Option(
        help: ArgumentHelp(
            "exact: the law itself; reference: the float16 race of the authors' code; reference-fp32: the same in float32.",
            valueName: "name"))
    var samplingPrecision = RADDSampling.Precision.exact

    @Option(
        help: ArgumentHelp(
            "Keep keys and values while a block is drawn, an approximation: none, prefix or dual.", valueName: "name"))
    var approxCache = RADDSampling.Caching.none

    @Option(help: ArgumentHelp("The last time of a grid.", valueName: "t"))
    var eps: Float = 1e-5

    @Option(
        help: ArgumentHelp("Folder with the files of GPT-2's tokenizer.", valueName: "folder"),
        completion: .directory)
    var vocabulary: String?

    /// For ArgumentParser.
    public init() {}

    /// Names of methods.
    enum MethodName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case tweedie
        case euler
        case analytic
        case ordered
        case firstHitting = "first-hitting"
        case lowconf
        case threshold
        case maskgit
        case mdlm
        case forwardBackward = "forward-backward"
        case cap = "remdm-cap"
        case rescale = "remdm-rescale"
        case conf = "remdm-conf"
        case loop = "remdm-loop"
    }

    /// Names of strategies.
    enum StrategyName: String, ExpressibleByArgument, CaseIterable, Sendable {
        case direct
        case topP = "top_p"
        case topK = "top_k"
    }

    /// Refuses options that contradict each other.
    public func validate() throws {
        let given = [prompt, infill, prompts].compactMap(\.self).count
        guard given <= 1, given == 0 || (prefix == nil && suffix == nil) else {
            throw ValidationError(
                "--prompt, --infill, --prompts and --prefix with --suffix are four ways to say what is known: take one."
            )
        }
        guard length == nil || prompt == nil && prompts == nil else {
            throw ValidationError("A prompt says how long its text is: leave --length out.")
        }
        if let length, !(1...10_000_000).contains(length) {
            throw ValidationError("--length must be 1 to 10,000,000, got \(length).")
        }
        guard approxCache == .none || blockLength != nil else {
            throw ValidationError("--approx-cache keeps what is outside of a block: say --block-length too.")
        }
        do { try sampling().check() } catch { throw ValidationError("\(error)") }
    }

    /// The way of drawing that the options ask for.
    func sampling() throws -> RADDSampling {
        var s = RADDSampling()
        switch strategy {
        case .direct: s.strategy = .direct
        case .topP: s.strategy = .topP(strategyPara ?? 0.8)
        case .topK:
            guard let strategyPara, let k = Int(exactly: strategyPara.rounded(.down)) else {
                throw ValidationError("top_k needs a number of tokens: --strategy-para 40.")
            }
            s.strategy = .topK(k)
        }
        func remask(_ kind: Remasking.Kind) -> RADDSampling.Method {
            .remask(Remasking(kind, eta: eta, on: tOn, off: tOff, alphaOn: alphaOn, nucleus: nucleus))
        }
        switch method {
        case .tweedie, .analytic: s.method = .grid(.tweedie)
        case .euler: s.method = .grid(.euler)
        case .ordered: s.method = .ordered(try orderOfPlaces())
        case .firstHitting: s.method = .ordered(.random)
        case .lowconf: s.method = .confidence(remasking)
        case .threshold: s.method = .threshold(threshold)
        case .maskgit: s.method = .maskGIT(choice: choiceTemperature)
        case .mdlm: s.method = remask(.mdlm)
        case .forwardBackward: s.method = remask(.forwardBackward)
        case .cap: s.method = remask(.cap)
        case .rescale: s.method = remask(.rescale)
        case .conf: s.method = remask(.conf)
        case .loop: s.method = remask(.loop)
        }
        (s.steps, s.temperature, s.precision) = (steps, temperature, samplingPrecision)
        (s.blockLength, s.stride, s.guidance) = (blockLength, stride, guidance)
        (s.caching, s.end) = (approxCache, eps)
        return s
    }

    private func orderOfPlaces() throws -> RADDSampling.Order {
        switch order {
        case "random": return .random
        case "forward": return .forward
        case "backward": return .backward
        default:
            let value = try JSONText.parse(MappedFile(path: order).view, file: order)
            guard let items = value.items, case let places = items.compactMap(\.integer), places.count == items.count
            else {
                throw GeneraError.badData(
                    file: order, reason: "it is no list of places", advice: "[3, 0, 2, 1] was expected.")
            }
            guard Set(places).count == places.count else {
                throw GeneraError.badData(file: order, reason: "it names a place twice")
            }
            return .listed(places)
        }
    }
}

extension RADDSampling.Score: ExpressibleByArgument {}
extension RADDSampling.Precision: ExpressibleByArgument {}
extension RADDSampling.Caching: ExpressibleByArgument {}
