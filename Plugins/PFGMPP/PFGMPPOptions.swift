import ArgumentParser
import Foundation
import Genera

/// The dimension D of the augmentation: any number above 0, or `inf`.
public struct AugmentationDimension: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    /// The number; infinity for `inf`.
    public let value: Double

    /// Wraps a number.
    public init(_ value: Double) { self.value = value }

    /// Reads a number, or `inf`. Whether it is above 0 is for the options to check.
    public init?(argument: String) {
        let text = argument.lowercased()
        if ["inf", "infinity"].contains(text) {
            value = .infinity
        } else if let number = Double(text), !number.isNaN {
            value = number
        } else {
            return nil
        }
    }

    /// For example `128` or `inf`.
    public var description: String {
        value.isInfinite ? "inf" : value == value.rounded() && value < 1e15 ? "\(Int(value))" : "\(value)"
    }

    /// As it is written on the command line.
    public var defaultValueDescription: String { description }
}

/// Options of `genera train pfgmpp`, beside those that all families share.
public struct PFGMPPTrainingOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Images: a folder or zip of PNGs (with dataset.json for labels), an IDX file, or CIFAR-10 binaries.",
            valueName: "path"))
    var data: String

    @Option(help: "Use only the first images of the data set.")
    var maxImages: Int?

    @Option(name: .customLong("D"), help: "Dimension of the augmentation, above 0 or 'inf'.")
    var D = AugmentationDimension(2048)

    @Option(help: "Network family: ddpmpp, ncsnpp or adm.")
    var arch = "ddpmpp"

    @Option(help: "Preconditioning: edm, vp or ve.")
    var precond = "edm"

    @Flag(inversion: .prefixedNo, help: "Train on labels too.")
    var cond = false

    @Option(help: "Channels at the highest resolution.")
    var cbase: Int?

    @Option(
        help: ArgumentHelp("Channel multipliers, highest resolution first, separated by commas.", valueName: "list"))
    var cres: String?

    @Option(help: "Residual blocks at each resolution.")
    var nblock: Int?

    @Option(help: ArgumentHelp("Resolutions with self-attention, separated by commas.", valueName: "list"))
    var attnResolutions: String?

    @Option(help: "Width of the embedding as a multiple of the base channels.")
    var channelMultEmb: Int?

    @Option(help: "Probability of dropping an activation.")
    var dropout = 0.13

    @Option(help: "Probability of dropping a label, which prepares the model for guidance.")
    var labelDropout = 0.0

    @Flag(inversion: .prefixedNo, help: "Mirror half of the images.")
    var xflip = false

    @Option(help: "Probability of each of EDM's augmentations, of which the network is told; 0 for none.")
    var augment = 0.0

    @Option(help: "Mean of ln sigma in training.")
    var pMean = -1.2

    @Option(help: "Standard deviation of ln sigma in training.")
    var pStd = 1.2

    @Option(help: "Standard deviation that the data is taken to have.")
    var sigmaData = 0.5

    @Flag(help: "Multiply noise levels by 380/80, as for 256x256 images.")
    var lsun = false

    @Option(help: ArgumentHelp("Start from the weights of this checkpoint.", valueName: "checkpoint"))
    var transfer: String?

    /// All defaults; filled by parsing.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        try need(D.value > 0, "--D must be above 0, or 'inf', got \(D).")
        try need(["ddpmpp", "ncsnpp", "adm"].contains(arch), "--arch must be ddpmpp, ncsnpp or adm, got '\(arch)'.")
        try need(["edm", "vp", "ve"].contains(precond), "--precond must be edm, vp or ve, got '\(precond)'.")
        try need((0..<1).contains(dropout), "--dropout must be at least 0 and below 1, got \(dropout).")
        try need((0...1).contains(labelDropout), "--label-dropout must be from 0 to 1, got \(labelDropout).")
        try need((0...1).contains(augment), "--augment must be from 0 to 1, got \(augment).")
        try need(pStd > 0, "--p-std must be above 0, got \(pStd).")
        try need(maxImages.map { $0 > 0 } ?? true, "--max-images must be at least 1.")
        _ = try channelMultipliers()
        _ = try attention()
    }

    func channelMultipliers() throws -> [Int]? { try cres.map { try integers($0, "--cres") } }
    func attention() throws -> [Int]? { try attnResolutions.map { try integers($0, "--attn-resolutions") } }

    private func integers(_ text: String, _ option: String) throws -> [Int] {
        if text.isEmpty || text == "none" { return [] }
        return try text.split(separator: ",").map {
            guard let number = Int($0.trimmingCharacters(in: .whitespaces)) else {
                throw ValidationError("\(option) takes whole numbers separated by commas, got '\(text)'.")
            }
            return number
        }
    }

    /// The network for a data set.
    func networkConfiguration(for dataset: ImageDataset) throws -> NetworkConfiguration {
        var c = NetworkConfiguration(modelType: arch == "adm" ? "DhariwalUNet" : "SongUNet")
        if arch == "ncsnpp" {
            (c.embeddingType, c.encoderType, c.channelMultNoise, c.resampleFilter) = (
                "fourier", "residual", 2, [1, 3, 3, 1]
            )
        }
        if arch != "adm" { c.channelMult = [2, 2, 2] }
        c.wrapper = ["edm": "EDMPrecond", "vp": "VPPrecond", "ve": "VEPrecond"][precond]!
        guard dataset.height == dataset.width else {
            throw GeneraError.badData(
                file: dataset.name,
                reason: "images are \(dataset.width)x\(dataset.height); the network needs square ones", advice: "")
        }
        (c.imgResolution, c.imgChannels) = (dataset.height, dataset.channels)
        if cond {
            guard dataset.classCount > 0 else {
                throw GeneraError.badData(
                    file: dataset.name, reason: "--cond was given, but the data set has no labels", advice: "")
            }
            c.labelDim = dataset.classCount
        }
        c.modelChannels = cbase ?? c.modelChannels
        c.channelMult = try channelMultipliers() ?? c.channelMult
        c.numBlocks = nblock ?? c.numBlocks
        c.attnResolutions = try attention() ?? c.attnResolutions
        c.channelMultEmb = channelMultEmb ?? c.channelMultEmb
        (c.dropout, c.labelDropout, c.sigmaData) = (dropout, labelDropout, sigmaData)
        c.D = D.value.isInfinite ? nil : D.value
        c.augmentDim = augment > 0 ? 9 : 0
        try c.validate()
        return c
    }
}

extension NetworkConfiguration {
    /// As JSON with sorted keys.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Reads the JSON of a checkpoint. `file` names it in messages.
    ///
    /// - Throws: `GeneraError.badData` for a value of the wrong type, or a network that cannot be built.
    public init(json: String, file: String) throws {
        do {
            self = try JSONDecoder().decode(NetworkConfiguration.self, from: Data(json.utf8))
            try validate()
        } catch let error as ConfigurationError {
            throw GeneraError.badData(file: file, reason: "\(error.description)", advice: "")
        } catch {
            throw GeneraError.badData(
                file: file, reason: "the model's configuration cannot be read: \(error)", advice: "")
        }
    }
}
