import ArgumentParser
import Foundation
import Genera

/// Options of `genera train pfgmpp`, beside those that all families share.
public struct PFGMPPTrainingOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Images: a folder or zip of pictures (folders or dataset.json for labels), an IDX file, arrays of NumPy, or CIFAR-10 binaries. With --arch toy points: eight-gaussians, two-clusters, or a file of points (.npy, .npz, .csv, .tsv, .h5ad).",
            valueName: "path"))
    var data: String

    @Option(help: "Use only the first images of the data set.")
    var maxImages: Int?

    @Option(
        name: [.customLong("D"), .customLong("aug_dim")],
        help: ArgumentHelp(
            "Dimension of the augmentation, above 0 or 'inf' (default: 2048; inf for --precond vp).", valueName: "D"))
    var D: AugmentationDimension?

    @Flag(inversion: .prefixedNo, help: "Whether to train PFGM++; --no-pfgmpp is EDM diffusion, that is --D inf.")
    var pfgmpp: Bool?

    @Option(help: "Network family: ddpmpp, ncsnpp, adm, or toy for points.")
    var arch = "ddpmpp"

    @Option(help: "Preconditioning and loss: edm, vp or ve; for --arch toy also toy, the release notebook's.")
    var precond = "edm"

    @Flag(help: "Train on stable targets: posterior means over a batch of references.")
    var stf = false

    @Option(help: ArgumentHelp("References of --stf.", valueName: "n"))
    var rbatch = 4096

    @Flag(help: "Draw radii as the reference does: by a Beta number clipped to [0.001, 0.999].")
    var clipCompat = false

    @Option(help: ArgumentHelp("Multiplies the loss, for types with few digits.", valueName: "factor"))
    var ls = 1.0

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

    @Option(
        help: ArgumentHelp("Probability of dropping an activation (default: 0.13; 0 for points).", valueName: "p"))
    var dropout: Double?

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

    @Option(
        help: ArgumentHelp(
            "Standard deviation that the data is taken to have (default: 0.5; 1 for points).", valueName: "sigma"))
    var sigmaData: Double?

    @Flag(help: "Multiply noise levels by 380/80, as for 256x256 images.")
    var lsun = false

    @Option(help: ArgumentHelp("Start from the weights of this checkpoint.", valueName: "checkpoint"))
    var transfer: String?

    @OptionGroup(title: "Optimisation") var optimiser: PFGMPPOptimiserOptions

    /// All defaults; filled by parsing.
    public init() {}

    /// Refuses values that make no sense, naming the option.
    public func validate() throws {
        func need(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
        if let D { try need(D.value > 0, "--D must be above 0, or 'inf', got \(D).") }
        try need(
            ["ddpmpp", "ncsnpp", "adm", "toy"].contains(arch),
            "--arch must be ddpmpp, ncsnpp, adm or toy, got '\(arch)'.")
        try need(
            ["edm", "vp", "ve", "toy"].contains(precond), "--precond must be edm, vp or ve, got '\(precond)'.")
        try need((0..<1).contains(dropout ?? 0), "--dropout must be at least 0 and below 1, got \(dropout ?? 0).")
        try need((0...1).contains(labelDropout), "--label-dropout must be from 0 to 1, got \(labelDropout).")
        try need((0...1).contains(augment), "--augment must be from 0 to 1, got \(augment).")
        try need(pStd > 0, "--p-std must be above 0, got \(pStd).")
        try need(
            sigmaData ?? 1 > 0 && (sigmaData ?? 1).isFinite, "--sigma-data must be above 0, got \(sigmaData ?? 0).")
        try need(maxImages.map { $0 > 0 } ?? true, "--max-images must be at least 1.")
        try need((1...1_000_000).contains(rbatch), "--rbatch must be from 1 to 1000000, got \(rbatch).")
        try need(ls > 0 && ls.isFinite, "--ls must be above 0, got \(ls).")
        try checkCombinations(need)
        _ = try channelMultipliers()
        _ = try attention()
    }

    private func checkCombinations(_ need: (Bool, String) throws -> Void) throws {
        if let D, let pfgmpp {
            try need(
                D.value.isFinite == pfgmpp,
                pfgmpp ? "--pfgmpp needs a finite --D." : "--no-pfgmpp is diffusion, so --D must be inf, got \(D).")
        }
        try need(
            precond != "vp" || (dimension.isInfinite && pfgmpp != true),
            "--precond vp is a loss of Gaussian noise: it needs --D inf.")
        try need(!lsun || precond == "edm", "--lsun goes with --precond edm only, not with \(precond).")
        try need(!clipCompat || dimension.isFinite, "--clip-compat needs a finite --D; Gaussian noise has no radii.")
        guard arch == "toy" else {
            try need(precond != "toy", "--precond toy goes with --arch toy only.")
            return
        }
        let given = [
            ("--cond", cond), ("--xflip", xflip), ("--augment", augment > 0), ("--lsun", lsun),
            ("--dropout", dropout ?? 0 > 0), ("--label-dropout", labelDropout > 0), ("--cres", cres != nil),
            ("--nblock", nblock != nil), ("--attn-resolutions", attnResolutions != nil),
            ("--channel-mult-emb", channelMultEmb != nil), ("--max-images", maxImages != nil),
        ].first { $0.1 }
        try need(given == nil, "\(given?.0 ?? "") does not go with --arch toy, a network of points.")
    }

    /// The augmentation's dimension, with the default that belongs to the other options.
    var dimension: Double {
        D?.value ?? (pfgmpp == false || (precond == "vp" && pfgmpp != true) ? .infinity : 2048)
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

}
