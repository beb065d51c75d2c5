"""Helpers for the analysis tests."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

def _message_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.message)
    return analysistest.end(env)

def message_test_rule(config_settings = {}):
    """Returns a test rule that passes if analysis, with these settings, fails with a message that contains `message`."""
    return analysistest.make(
        _message_test_impl,
        attrs = {"message": attr.string(mandatory = True)},
        config_settings = config_settings,
        expect_failure = True,
    )

message_test = message_test_rule()

def action(env, mnemonic):
    """Returns the target's only action with that mnemonic. Fails the test if there is not exactly one."""
    found = [a for a in analysistest.target_actions(env) if a.mnemonic == mnemonic]
    asserts.equals(env, 1, len(found), "actions with mnemonic " + mnemonic)
    return found[0] if found else None

def plain_args(action):
    """Returns the command line after the program, with each path, also after a `=`, reduced to its base name."""
    return [_base(a) for a in action.argv[1:]]

def _base(arg):
    head, eq, tail = arg.rpartition("=")
    return head + eq + tail.split("/")[-1]

def basenames(files):
    return sorted([f.basename for f in files])
