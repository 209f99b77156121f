/** Refusals of a token: OpenZeppelin's names, which most tokens use. */
import { contractError } from './contractError.ts'
import { time } from './time.ts'

export class ERC20InsufficientBalanceError extends contractError('ERC20InsufficientBalance', {
  message: ({ sender, balance, needed }) =>
    `${sender} has ${balance} base units of the token and needs ${needed}: ${needed - balance} are missing.`,
  remedy: 'Get more of the token, or deposit less.',
}) {}

export class ERC20InsufficientAllowanceError extends contractError('ERC20InsufficientAllowance', {
  message: ({ spender, allowance, needed }) => `${spender} may take ${allowance} base units, not ${needed}.`,
  remedy: 'Approve more, or use `deposit`, which does.',
}) {}

export class ERC20InvalidSenderError extends contractError('ERC20InvalidSender', {
  message: ({ sender }) => `${sender} cannot send tokens.`,
  remedy: 'Send from another address.',
}) {}

export class ERC20InvalidReceiverError extends contractError('ERC20InvalidReceiver', {
  message: ({ receiver }) => `${receiver} cannot receive tokens.`,
  remedy: 'Send to another address.',
}) {}

export class ERC20InvalidApproverError extends contractError('ERC20InvalidApprover', {
  message: ({ approver }) => `${approver} cannot approve.`,
  remedy: 'Approve from another address.',
}) {}

export class ERC20InvalidSpenderError extends contractError('ERC20InvalidSpender', {
  message: ({ spender }) => `${spender} cannot be approved.`,
  remedy: 'Approve another address.',
}) {}

export class ERC2612ExpiredSignatureError extends contractError('ERC2612ExpiredSignature', {
  message: ({ deadline }) => `The permit was good until ${time(deadline)}.`,
  remedy: 'Sign a new one; `deposit` does.',
}) {}

export class ERC2612InvalidSignerError extends contractError('ERC2612InvalidSigner', {
  message: ({ signer, owner }) => `The permit of ${owner} is signed by ${signer}.`,
  remedy: "Sign it with the owner's account.",
}) {}

export class InvalidAccountNonceError extends contractError('InvalidAccountNonce', {
  message: ({ account, currentNonce }) => `The next permit of ${account} is number ${currentNonce}.`,
  remedy: 'Sign a new permit; `deposit` does.',
}) {}

export class ECDSAInvalidSignatureError extends contractError('ECDSAInvalidSignature', {
  message: () => 'A signature is by nobody.',
  remedy: 'Sign again and send the signature unchanged.',
}) {}

export class ECDSAInvalidSignatureLengthError extends contractError('ECDSAInvalidSignatureLength', {
  message: ({ length }) => `A signature has ${length} bytes, not 65.`,
  remedy: 'Sign again and send the signature unchanged.',
}) {}

export class ECDSAInvalidSignatureSError extends contractError('ECDSAInvalidSignatureS', {
  message: () => 'A signature has a high s.',
  remedy: 'Sign again: every current library gives a low s.',
}) {}
