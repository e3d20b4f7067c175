import ArgumentParser
import Genera

/// Options of `genera sample radd`, beside those that all families share.
public struct RADDSamplingOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Which places are revealed when. tweedie, euler, analytic, ordered, first-hitting: by the model's law. lowconf, threshold, maskgit: the surest first, which draws likelier, poorer texts. remdm-cap, -rescale, -conf, -loop, forward-backward: tokens may be masked again; mdlm: without that.",
            valueName: "name"))
    var method = MethodName.tweedie

    @Option(
        help: ArgumentHelp(
            "Steps from all masks to text; fewer are quicker and rougher. (default: as many as there are tokens to draw; maskgit 32)",
            valueName: "n"))
    var steps: Int?

    @Option(
        help: ArgumentHelp(
            "Tokens of a text; more than the model knows are drawn in windows. (default: as the model was trained with)",
            valueName: "n"))
    var length: Int?

    @Option(
        help: ArgumentHelp(
            "How a token is drawn: direct (of all), top_p (of the likeliest with that share together), top_k (of so many).",
            valueName: "name"))
    var strategy = StrategyName.direct

    @Option(
        name: [.long, .customLong("strategy_para")],
        help: ArgumentHelp("The share of top_p, or the number of top_k. (default: 0.8 for top_p)", valueName: "x"))
    var strategyPara: Double?

    @Option(
        help: ArgumentHelp(
            "What logits are divided by: below 1 for likelier texts, 0 for the likeliest token.", valueName: "t"))
    var temperature = 1.0

    @Option(
        help: ArgumentHelp(
            "Order of ordered: random, forward, backward, or a JSON file with a list of places.", valueName: "name"))
    var order = "random"

    @Option(
        help: ArgumentHelp(
            "A text with [MASK] where a token is to be drawn, [MASK:n] for n of them.", valueName: "text"))
    var prompt: String?

    @Option(help: ArgumentHelp("How the text begins; what is left of --length is drawn.", valueName: "text"))
    var prefix: String?

    @Option(help: ArgumentHelp("How it ends.", valueName: "text"))
    var suffix: String?

    @Option(
        help: ArgumentHelp(
            "A JSON file with what is known: {\"positions\": [0], \"ids\": [7]}, or {\"texts\": [{\"position\": 0, \"text\": \"To\"}]}.",
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
            "Places that are drawn before the next begin, from left to right. (default: all at once)", valueName: "n"))
    var blockLength: Int?

    @Option(
        help: ArgumentHelp(
            "Tokens by which the window moves where a text is longer than the model's. (default: half a window)",
            valueName: "n"))
    var stride: Int?

    @Option(
        help: ArgumentHelp(
            "What lowconf takes for sure: the token's probability, its margin over the next, little entropy, or random.",
            valueName: "name"))
    var remasking = RADDSampling.Score.probability

    @Option(
        help: ArgumentHelp(
            "Probability above which threshold reveals a place; at least one each round.", valueName: "p"))
    var threshold = 0.9

    @Option(help: ArgumentHelp("Noise with which maskgit chooses places; it fades.", valueName: "t"))
    var choiceTemperature = 4.5

    @Option(
        help: ArgumentHelp(
            "Share of tokens that remdm-cap and -loop mask again at most; of -rescale the part of what may be.",
            valueName: "x"))
    var eta = 0.02

    @Option(help: ArgumentHelp("Probability that remdm's tokens have together at most.", valueName: "p"))
    var nucleus = 1.0

    @Option(
        name: .customLong("t-on"),
        help: ArgumentHelp("Time, from 1 down, at which remdm-loop begins to mask again.", valueName: "t"))
    var tOn = 0.55

    @Option(name: .customLong("t-off"), help: ArgumentHelp("Where it ends.", valueName: "t"))
    var tOff = 0.05

    @Option(help: ArgumentHelp("Share of tokens that are there in remdm-loop's loop.", valueName: "a"))
    var alphaOn = 0.9

    @Option(
        help: ArgumentHelp(
            "Classifier-free guidance, two looks each time: 0 is the law with the prompt, more goes further from that without it.",
            valueName: "w"))
    var guidance: Double?

    @Option(
        help: ArgumentHelp(
            "exact: the law itself; reference: the authors' race in float16, which loses rare tokens; reference-fp32: the same in float32.",
            valueName: "name"))
    var samplingPrecision = RADDSampling.Precision.exact

    @Option(
        help: ArgumentHelp(
            "Keep keys and values of what is before the block (prefix), or of all else (dual): quicker, an approximation.",
            valueName: "name"))
    var approxCache = RADDSampling.Caching.none

    @Option(help: ArgumentHelp("Time, from 1 down, at which a grid of steps ends.", valueName: "t"))
    var eps: Float = 1e-5

    @Option(
        help: ArgumentHelp(
            "Folder with GPT-2's tokenizer: encoder.json and vocab.bpe, vocab.json and merges.txt, or tokenizer.json.",
            valueName: "folder"),
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
        do { try sampling().check() } catch let error as any KindedError where error.kind != .usage {
            // What is wrong with a file is told when it is read.
        } catch { throw ValidationError("\(error)") }
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

    /// The file that lists the places, if there is one.
    var orderFile: String? { ["random", "forward", "backward"].contains(order) ? nil : order }

    private func orderOfPlaces() throws -> RADDSampling.Order {
        switch order {
        case "random": return .random
        case "forward": return .forward
        case "backward": return .backward
        default:
            guard FileSystem.exists(order) else {
                throw GeneraError.usage(
                    "--order is random, forward, backward, or a JSON file with a list of places; '\(order)' is none of them."
                )
            }
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
